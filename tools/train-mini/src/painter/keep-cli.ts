import { parseArgs } from 'node:util';
import { keepStage } from './stage-weights.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: 'runs/painter' }, stage: { type: 'string', default: '' } },
});
console.log(await keepStage(values.runs, values.stage));
process.exit(0);
