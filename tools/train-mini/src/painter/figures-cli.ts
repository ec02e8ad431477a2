import { parseArgs } from 'node:util';
import { vaeFigures } from './vae-figures.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'runs/painter/vae/model' },
    data: { type: 'string', default: 'data/painter' },
    images: { type: 'string', default: '200' },
  },
});
const { images, psnr, edgeEnergy, divergence } = await vaeFigures(values.model, values.data, Number(values.images));
console.log(
  `${images} scenes of another seed: PSNR ${psnr.toFixed(2)} dB, edge energy ${edgeEnergy.toFixed(3)}, divergence ${divergence.toFixed(0)} nats an image`,
);
process.exit(0);
