import { describeThroughput, type MetricsRow, readMetrics, type TrainingResult } from '@lascaux/training';
import { shellCommand } from '@lascaux/nn';
import type { TrainJob } from './train-flags.js';

/** Flags that a resumed run must be given again: all others are in its record. */
const repeated = {
  data: '--data',
  captionColumn: '--caption-column',
  out: '--out',
  vae: '--vae',
  textEncoder: '--text-encoder',
  engine: '--engine',
  device: '--device',
  threads: '--threads',
} as const;

/** The command that goes on with a run. */
export function resumeCommand({ part, flags }: Pick<TrainJob, 'part' | 'flags'>): string {
  const given = Object.entries(repeated).flatMap(([key, flag]) => {
    const value = flags[key as keyof typeof repeated];
    return value === undefined ? [] : [flag, `${value}`];
  });
  const dtype = flags.dtype === 'F16' ? [] : ['--dtype', flags.dtype];
  return shellCommand(['npx', 'lascaux', 'train', part, ...given, ...dtype, '--resume']);
}

/** The last line: where the model is, images seen, and how fast it went against the machine's limit. */
export async function summary(model: string, result: TrainingResult): Promise<string> {
  const rows = await readMetrics(result.folder.metrics);
  const seconds = rows.reduce((total, row) => total + row.seconds, 0);
  const parts = [`${model}: ${result.imagesSeen} images`];
  if (seconds > 0) {
    const mean = (of: (row: MetricsRow) => number): number =>
      rows.reduce((total, row) => total + of(row) * row.seconds, 0) / seconds;
    const flops = mean((row) => row.gigaflopsPerSecond) * 1e9;
    const share = mean((row) => row.limitShare ?? NaN);
    parts.push(`${mean((row) => row.imagesPerSecond).toFixed(1)} images/s`);
    parts.push(describeThroughput(flops, Number.isFinite(share) ? flops / share : undefined));
  }
  return parts.join(', ');
}
