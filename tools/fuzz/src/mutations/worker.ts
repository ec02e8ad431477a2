import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream } from '@lascaux/nn';
import { contentsOf, temporarily } from '../files.js';
import { targets } from '../targets/index.js';
import { describe, verdictOf, type Verdict } from '../verdict.js';
import { pick } from './bytes.js';
import type { End, Job } from './messages.js';
import { mutateFile } from './mutate-file.js';

const tell = (message: object): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

/** Reads the files as they are, and what that was worth. */
async function judge(read: () => Promise<unknown>): Promise<{ verdict: Verdict; words: string }> {
  try {
    await read();
    return { verdict: 'read', words: '' };
  } catch (error) {
    return { verdict: verdictOf(error), words: describe(error) };
  }
}

async function run({ target: name, seed, from, to }: Job, folder: string): Promise<void> {
  const target = targets[name]!;
  await target.prepare(folder);
  await target.read(folder); // what is right must be read
  const originals = await contentsOf(folder);
  const files = target.files ?? [...originals.keys()];
  for (let index = from; index < to; index++) {
    const random = randomStream(seed).fork(`${name}/${index}`);
    const file = pick(random, files);
    const mutation = mutateFile(file, originals.get(file)!, random);
    const kind = `${file}: ${mutation.kind}`;
    await writeFile(join(folder, file), mutation.bytes);
    await tell({ begins: index, kind });
    const [start, before] = [performance.now(), process.cpuUsage()];
    const outcome = await judge(() => target.read(folder));
    // On a busy machine the processor's time is what a case took.
    const { user, system } = process.cpuUsage(before);
    const milliseconds = Math.min(performance.now() - start, (user + system) / 1000);
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const end: End = { ended: index, kind, ...outcome, milliseconds, peakBytes };
    await tell(end);
    await writeFile(join(folder, file), originals.get(file)!);
  }
}

process.once('message', (job: Job) => {
  void temporarily((folder) => run(job, folder)).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${describe(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
