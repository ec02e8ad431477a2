import { describeThroughput, readMetrics } from '@lascaux/training';
import type { MetricsRow, TrainingResult } from '@lascaux/training';
import { Interrupted } from '../commands/terminal.js';
import type { TrainJob } from './train-flags.js';

/**
 * Ends an interrupted training with a line that says how to go on; does nothing after a finished one.
 * @throws {Interrupted} when the training was interrupted
 */
export function stopIfInterrupted({ part, flags, terminal }: TrainJob, result: TrainingResult): void {
  if (result.reason === 'finished') return;
  const others = [
    ...(flags.vae === undefined ? [] : ['--vae', flags.vae]),
    ...(flags.textEncoder === undefined ? [] : ['--text-encoder', flags.textEncoder]),
  ];
  const command = ['lascaux train', part, '--data', flags.data, '--out', flags.out, ...others, '--resume'].join(' ');
  terminal.note(`saved after ${result.imagesSeen} images; go on with: ${command}`);
  throw new Interrupted();
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
