import { join } from 'node:path';

/** One number of a Python tool, and our command that must give it. */
export interface Comparison {
  readonly tool: string;
  readonly metric: string;
  /** What follows `lascaux evaluate`. */
  readonly args: readonly string[];
  /** Its value's name, `fid` where nothing else is said. */
  readonly name?: string;
  /** The tool's metric where it bears another name than the comparison. */
  readonly peer?: string;
  readonly limit: number;
}

/** Features differ by float32 rounding in two runtimes, and differences of means show it more. */
const SAME = 1e-4;
/** Covariances of fewer pictures than dimensions are singular; the tools' roots then lose about this, or add 1e-6 to the diagonal. */
const SINGULAR = 1e-3;
/** Shares of pictures, which torch-fidelity gives in float32. */
const SHARE = 1e-6;

/** All that is compared; `count` is the pictures in each folder. */
export function comparisons(folder: string, count: number): readonly Comparison[] {
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const fid = (...rest: string[]) => ['fid', ...rest, '--min', '2'];
  const clean = ['--convention', 'clean'];
  const tf1 = ['--convention', 'tf1'];
  const oneSubset = ['--subsets', '1', '--subset-size', String(count)];
  const full = count > 2048 ? SAME : SINGULAR;
  return [
    { tool: 'pytorch-fid', metric: 'fid-64', args: fid(a, b, '--dims', '64'), limit: SAME },
    { tool: 'pytorch-fid', metric: 'fid-2048', args: fid(a, b), limit: full },
    {
      ...{ tool: 'pytorch-fid', metric: 'fid-64, its statistics', peer: 'fid-64', limit: SAME },
      args: fid(join(folder, 'pytorch-fid-a.npz'), b, '--dims', '64'),
    },
    {
      ...{ tool: 'pytorch-fid', metric: 'fid-64, our statistics', peer: 'fid-64 of our statistics', limit: SAME },
      args: fid(a, b, '--dims', '64'),
    },
    { tool: 'clean-fid', metric: 'fid-2048', args: fid(a, b, ...clean), limit: full },
    {
      ...{ tool: 'clean-fid', metric: 'fid-2048, its statistics', peer: 'fid-2048', limit: full },
      args: fid(join(folder, 'clean-fid-theirs_clean_custom_na.npz'), b, ...clean),
    },
    {
      ...{ tool: 'clean-fid', metric: 'fid-2048, our statistics', peer: 'fid-2048 of our statistics', limit: full },
      args: fid(a, b, ...clean),
    },
    { tool: 'clean-fid', metric: 'kid', name: 'kid', args: ['kid', a, b, ...clean, ...oneSubset], limit: SAME },
    {
      ...{ tool: 'clean-fid', metric: 'kid, its features', peer: 'kid', name: 'kid', limit: SAME },
      args: ['kid', join(folder, 'clean-fid-theirs_clean_custom_na_kid.npz'), b, ...clean, ...oneSubset],
    },
    { tool: 'torch-fidelity', metric: 'fid-64', args: fid(a, b, '--dims', '64', ...tf1), limit: SAME },
    { tool: 'torch-fidelity', metric: 'fid-2048', args: fid(a, b, ...tf1), limit: full },
    {
      ...{ tool: 'torch-fidelity', metric: 'kid', name: 'kid', limit: SAME },
      args: ['kid', a, b, ...tf1, '--subset-size', String(Math.floor(count / 2))],
    },
    { tool: 'torch-fidelity', metric: 'is', name: 'is', args: ['is', a, ...tf1], limit: SAME },
    ...['precision', 'recall'].map((name) => ({
      ...{ tool: 'torch-fidelity', metric: name, name, limit: SHARE },
      args: ['prc', a, b, ...tf1],
    })),
  ];
}
