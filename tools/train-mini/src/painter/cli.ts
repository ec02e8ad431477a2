import { parseArgs } from 'node:util';
import { clipStage } from './clip-stage.js';
import { denoiserStage } from './denoiser-stage.js';
import { latentsStage } from './latents-stage.js';
import { polishStage } from './polish-stage.js';
import type { StageOptions } from './stage.js';
import { textStage } from './text-stage.js';
import { vaeStage } from './vae-stage.js';

/** A stage, and what it sees by default. */
interface Stage {
  readonly run: (options: StageOptions) => Promise<string>;
  readonly images: number;
}

const stages: Readonly<Record<string, Stage>> = {
  vae: { run: vaeStage, images: 36_000 },
  text: { run: textStage, images: 520_000 },
  // Scenes are counted by --latents.
  latents: { run: latentsStage, images: 0 },
  denoiser: { run: denoiserStage, images: 1_200_000 },
  polish: { run: polishStage, images: 48_000 },
  clip: { run: clipStage, images: 150_000 },
};

const { values } = parseArgs({
  options: {
    stage: { type: 'string' },
    runs: { type: 'string', default: 'runs/painter' },
    data: { type: 'string', default: 'data/painter' },
    images: { type: 'string' },
    latents: { type: 'string', default: '200000' },
    threads: { type: 'string', default: '1' },
    replicas: { type: 'string', default: '1' },
    continue: { type: 'boolean', default: false },
  },
});
const stage = stages[values.stage ?? ''];
if (stage === undefined) {
  console.error(`--stage: must be one of ${Object.keys(stages).join(', ')}, got ${values.stage ?? 'nothing'}`);
  process.exit(2);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const started = Date.now();
let told = 0;
const reason = await stage.run({
  runs: values.runs,
  data: values.data,
  images: Number(values.images ?? stage.images),
  latents: Number(values.latents),
  threads: Number(values.threads),
  replicas: Number(values.replicas),
  continued: values.continue,
  signal: stop.signal,
  onProgress: ({ imagesSeen, loss, imagesPerSecond, secondsLeft }) => {
    if (Date.now() - told < 30_000) return;
    told = Date.now();
    const minutes = ((told - started) / 60e3).toFixed(1);
    const rate = imagesPerSecond.toFixed(2);
    console.error(
      `${minutes} min: ${imagesSeen}, loss ${Number.isNaN(loss) ? '…' : loss.toFixed(4)}, ${rate}/s, ${(secondsLeft / 60).toFixed(0)} min left`,
    );
  },
});
console.error(reason);
process.exit(0);
