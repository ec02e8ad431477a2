export { bombs } from './bombs/index.js';
export { runBomb } from './bombs/run-bomb.js';
export { mutateFile } from './mutations/mutate-file.js';
export { runTarget } from './mutations/run-target.js';
export { targets } from './targets/index.js';
