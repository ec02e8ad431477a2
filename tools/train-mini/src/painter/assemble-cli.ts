import { parseArgs } from 'node:util';
import { assemblePainter } from './assemble.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: 'runs/painter' },
    out: { type: 'string', default: 'runs/painter/model' },
    steps: { type: 'string', default: '6' },
    guidance: { type: 'string', default: '1' },
  },
});
await assemblePainter({
  runs: values.runs,
  out: values.out,
  defaults: { steps: Number(values.steps), guidance: Number(values.guidance) },
});
console.log(values.out);
process.exit(0);
