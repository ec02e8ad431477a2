import { z } from 'zod';
import { temporarily } from '../files.js';
import { forkWorker } from '../fork-worker.js';
import { MOST_BYTES, MOST_SECONDS } from '../limits.js';

const outcomeSchema = z.object({
  verdict: z.enum(['read', 'refused', 'unclear']),
  words: z.string(),
  seconds: z.number(),
  processorSeconds: z.number(),
  peakBytes: z.number(),
});

/** How reading a bomb ended. */
export interface BombResult extends z.infer<typeof outcomeSchema> {
  /** What is wrong with that; undefined where all is well. */
  readonly fault?: string;
}

/** Bombs are ended after this many seconds. */
const PATIENCE = 12 * MOST_SECONDS;

/** A busy machine may take longer by the clock, so the processor's time counts where it is less; what hangs is ended. */
function faultOf({
  verdict,
  words,
  seconds,
  processorSeconds,
  peakBytes,
}: z.infer<typeof outcomeSchema>): string | undefined {
  if (verdict === 'unclear') return words;
  const least = Math.min(seconds, processorSeconds);
  if (least > MOST_SECONDS) return `${least.toFixed(1)} s`;
  return peakBytes > MOST_BYTES ? `${Math.round(peakBytes / 2 ** 20)} MB` : undefined;
}

function inProcess(order: { name: string; folder: string; part: 'make' | 'read' }): Promise<BombResult> {
  return new Promise((resolve) => {
    const child = forkWorker(import.meta.url);
    const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * PATIENCE);
    let result: BombResult | undefined;
    child.on('message', (message) => {
      const outcome = outcomeSchema.parse(message);
      result = { ...outcome, fault: faultOf(outcome) };
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const fault = `ended by ${signal ?? code}`;
      resolve(
        result ?? { verdict: 'unclear', words: fault, seconds: PATIENCE, processorSeconds: 0, peakBytes: 0, fault },
      );
    });
    child.send(order);
  });
}

/** Reads a bomb in a process of its own, whose time and memory are taken. */
export const runBomb = (name: string): Promise<BombResult> =>
  temporarily(async (folder) => {
    const made = await inProcess({ name, folder, part: 'make' });
    if (made.verdict !== 'read') return { ...made, fault: `cannot be made: ${made.words}` };
    return inProcess({ name, folder, part: 'read' });
  });
