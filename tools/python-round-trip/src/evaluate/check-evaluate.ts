import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LascauxError } from '@lascaux/nn';
import { runPython } from '../run-python.js';
import type { Agreement } from './agreement.js';
import { comparisons } from './comparisons.js';
import { ownNumbers } from './own-numbers.js';

/** A line of `python/judge.py`. */
interface Judgement {
  readonly tool: string;
  readonly metric: string;
  readonly value: number;
  readonly deviation: number | null;
}

/**
 * Whole commands of pytorch-fid, clean-fid and torch-fidelity and ours, on two folders of pictures in every form, with the same random
 * weights, which lie where PyTorch keeps its downloads.
 */
export async function* checkEvaluate({
  folder: given,
  python,
  count,
}: {
  readonly folder: string;
  readonly python: string;
  readonly count: number;
}): AsyncGenerator<Agreement> {
  const folder = resolve(given);
  await mkdir(folder, { recursive: true });
  const environment = { TORCH_HOME: join(folder, 'torch'), LASCAUX_CACHE: join(folder, 'cache') };
  for await (const line of runPython(python, 'judge.py', { args: ['make', folder, String(count)], environment }))
    console.error(line);
  const evaluate = (...args: string[]) => ownNumbers(args, environment);
  const a = join(folder, 'a');
  await evaluate('fid', a, '--dims', '64', '--save', join(folder, 'ours-a.npz'));
  await evaluate('fid', a, '--convention', 'clean', '--save', join(folder, 'ours-a-clean.npz'));
  const judgements = new Map<string, Judgement>();
  for await (const line of runPython(python, 'judge.py', { args: ['judge', folder], environment })) {
    if (!line.startsWith('{')) continue;
    const judgement = JSON.parse(line) as Judgement;
    judgements.set(`${judgement.tool} ${judgement.metric}`, judgement);
  }
  for (const { tool, metric, args, name = 'fid', limit, peer = metric } of comparisons(folder, count)) {
    const theirs = judgements.get(`${tool} ${peer}`);
    if (!theirs) throw new LascauxError({ operation: 'judge.py', rule: `must give ${peer} of ${tool}` });
    const own = (await evaluate(...args)).values.find((value) => value.name === name);
    if (!own) throw new LascauxError({ operation: `lascaux evaluate ${args.join(' ')}`, rule: `must give ${name}` });
    yield { tool, metric, ours: own.value, theirs: theirs.value, limit };
    if (theirs.deviation !== null)
      yield { tool, metric: `${metric}, deviation`, ours: own.deviation ?? NaN, theirs: theirs.deviation, limit };
  }
}
