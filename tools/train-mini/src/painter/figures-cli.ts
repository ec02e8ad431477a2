import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportVae } from '@lascaux/vae/train';
import { painterVaeConfig } from './networks.js';
import { painterVae } from './painter-vae.js';
import { vaeFigures } from './vae-figures.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: 'runs/painter' },
    data: { type: 'string', default: 'data/painter' },
    images: { type: 'string', default: '200' },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'painter-vae-'));
try {
  await exportVae({ ...(await painterVae(values.runs)), directory, config: painterVaeConfig });
  const { images, psnr, edgeEnergy, divergence, shifts } = await vaeFigures(
    directory,
    values.data,
    Number(values.images),
  );
  console.log(
    `${images} scenes of another seed: PSNR ${psnr.toFixed(2)} dB, edge energy ${edgeEnergy.toFixed(3)}, divergence ${divergence.toFixed(0)} nats an image`,
  );
  const shares = shifts.map(({ pixels, share }) => `${pixels} px: ${(100 * share).toFixed(0)} %`);
  console.log(`latents of a drawing and of the same shifted, of the distance between drawings: ${shares.join(', ')}`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);
