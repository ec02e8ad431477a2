import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomically } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { openAtlas, painterEmojis } from '@lascaux/scenes';
import { exportVae } from '@lascaux/vae/train';
import { appearanceCodes, explainedShares } from './appearance.js';
import { measureChannelWeights } from './channel-weights.js';
import { DRAWING_ROLES, drawingLatents } from './drawing-latents.js';
import { CHANNEL_WEIGHTS, finishedVae, trainedVae, vaeFolder } from './finished-vae.js';
import { painterVaeConfig } from './networks.js';
import { painterVae } from './painter-vae.js';
import { vaeFigures } from './vae-figures.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: 'runs/painter' },
    data: { type: 'string', default: 'data/painter' },
    images: { type: 'string', default: '200' },
    weigh: { type: 'boolean', default: false },
    codes: { type: 'boolean', default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'painter-vae-'));
try {
  if (values.weigh) {
    const folder = vaeFolder(values.runs);
    const atlas = await openAtlas(join(values.data, 'atlas'), painterEmojis());
    const engine = onnxEngine({ threads: 1 });
    const weights = await measureChannelWeights({ engine, atlas, vae: await trainedVae(folder), directory });
    await writeFileAtomically(join(folder, CHANNEL_WEIGHTS), `${JSON.stringify(weights)}\n`);
    console.log(`weights of the latent's channels: ${weights.join(' ')}`);
  }
  if (values.codes) {
    const atlas = await openAtlas(join(values.data, 'atlas'), painterEmojis());
    const engine = onnxEngine({ threads: 1 });
    const drawings = await drawingLatents({ engine, atlas, vae: await finishedVae(values.runs), runs: values.runs });
    const codes = await appearanceCodes(engine, values.runs, drawings);
    for (const [role, { ground, isHalf }] of DRAWING_ROLES.entries()) {
      const shares = explainedShares(codes, drawings, role).map((share) => `${(100 * share).toFixed(1)} %`);
      console.log(
        `latents on ${ground}${isHalf ? ', half as large' : ''}, from 1, 2, … parts of codes: ${shares.join(', ')}`,
      );
    }
  }
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
