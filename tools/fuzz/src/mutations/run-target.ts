import { forkWorker } from '../fork-worker.js';
import { MOST_BYTES, MOST_SECONDS } from '../limits.js';
import { messageSchema, type End, type Job } from './messages.js';

/** What a target's cases came to. */
export interface Tally {
  readonly target: string;
  cases: number;
  read: number;
  refused: number;
  /** Seconds of the slowest case, and bytes of the process that took most. */
  slowest: number;
  peakBytes: number;
  /** Cases that were unclear, too slow, too large, or ended the process; each with its number, which finds it again. */
  readonly faults: string[];
}

/** A hang is ended after this many milliseconds. */
const PATIENCE = 4000 * MOST_SECONDS;

function count(tally: Tally, { ended, kind, verdict, words, milliseconds, peakBytes }: End): void {
  const seconds = milliseconds / 1000;
  tally.cases++;
  if (verdict === 'read') tally.read++;
  if (verdict === 'refused') tally.refused++;
  if (verdict === 'unclear') tally.faults.push(`case ${ended} (${kind}): ${words}`);
  if (seconds > MOST_SECONDS) tally.faults.push(`case ${ended} (${kind}): ${seconds.toFixed(1)} s`);
  if (peakBytes > MOST_BYTES && tally.peakBytes <= MOST_BYTES)
    tally.faults.push(`case ${ended} (${kind}): ${Math.round(peakBytes / 2 ** 20)} MB`);
  tally.slowest = Math.max(tally.slowest, seconds);
  tally.peakBytes = Math.max(tally.peakBytes, peakBytes);
}

/** Runs cases until they are done, or one ends the process. @returns the case to go on with */
function runWorker(job: Job, tally: Tally): Promise<number> {
  return new Promise((resolve) => {
    const child = forkWorker(import.meta.url);
    let [next, current, kind, errors] = [job.from, -1, '', ''];
    let timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stderr?.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-500)));
    child.on('message', (raw) => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      const message = messageSchema.parse(raw);
      if ('begins' in message) [current, kind] = [message.begins, message.kind];
      else {
        count(tally, message);
        [next, current] = [message.ended + 1, -1];
      }
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const cause = `ended by ${signal ?? code} ${errors.trim().replaceAll('\n', ' ')}`;
      if (current >= 0) {
        tally.cases++;
        tally.faults.push(`case ${current} (${kind}): ${cause}`);
        next = current + 1;
      } else if (next < job.to) {
        tally.faults.push(`between cases: ${cause}`);
        next = job.to;
      }
      resolve(next);
    });
    child.send(job);
  });
}

/** Changes a target's files `cases` times and reads each; a case that ends its process is counted, and the rest goes on. */
export async function runTarget(target: string, { seed, cases }: { seed: number; cases: number }): Promise<Tally> {
  const tally: Tally = { target, cases: 0, read: 0, refused: 0, slowest: 0, peakBytes: 0, faults: [] };
  for (let from = 0; from < cases;) from = await runWorker({ target, seed, from, to: cases }, tally);
  return tally;
}
