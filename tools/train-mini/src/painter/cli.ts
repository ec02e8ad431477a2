import { parseArgs } from 'node:util';
import { vaeStage } from './vae-stage.js';

const { values } = parseArgs({
  options: {
    stage: { type: 'string' },
    runs: { type: 'string', default: 'runs/painter' },
    data: { type: 'string', default: 'data/painter' },
    images: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const started = Date.now();
const reason = await vaeStage({
  runs: values.runs,
  data: values.data,
  images: Number(values.images ?? 36_000),
  threads: Number(values.threads),
  signal: stop.signal,
  onProgress: ({ imagesSeen, loss, imagesPerSecond, secondsLeft }) => {
    if (imagesSeen % 1024 < 16)
      console.error(
        `${((Date.now() - started) / 60e3).toFixed(1)} min: ${imagesSeen} images, loss ${loss.toFixed(4)}, ${imagesPerSecond.toFixed(2)}/s, ${(secondsLeft / 60).toFixed(0)} min left`,
      );
  },
});
console.error(reason);
process.exit(0);
