import { describe, verdictOf } from '../verdict.js';
import { bombs } from './index.js';

/** Makes a bomb in one process, reads it in another: what making takes does not count. */
process.once('message', ({ name, folder, part }: { name: string; folder: string; part: 'make' | 'read' }) => {
  const bomb = bombs[name]!;
  const start = performance.now();
  const before = process.cpuUsage();
  void Promise.resolve(part === 'make' ? bomb.make(folder) : bomb.read(folder))
    .then(
      () => ({ verdict: 'read', words: '' }),
      (error: unknown) => ({ verdict: verdictOf(error), words: describe(error) }),
    )
    .then((outcome) => {
      const { user, system } = process.cpuUsage(before);
      const seconds = (performance.now() - start) / 1000;
      const peakBytes = process.resourceUsage().maxRSS * 1024;
      process.send?.({ ...outcome, seconds, processorSeconds: (user + system) / 1e6, peakBytes }, () => process.exit());
    });
});
