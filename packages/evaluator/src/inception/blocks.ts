/** One convolution with its rectifier: name in pytorch-fid's module, output channels, kernel, and whether it halves the map. */
export interface ConvolutionSpec {
  readonly name: string;
  readonly out: number;
  /** Rows, columns. */
  readonly kernel: readonly [number, number];
  /** Stride 2 without padding; else stride 1 with the map's size kept. */
  readonly halves?: boolean;
}

/** A chain of convolutions after an optional pooling; several specs in one step see the same input and are concatenated. */
export interface BranchSpec {
  /** Name of the chain in the TensorFlow graph; '' for a lone convolution. */
  readonly tower: string;
  readonly pool?: 'average' | 'max' | 'max-halving';
  readonly steps: readonly (readonly ConvolutionSpec[])[];
}

/** An Inception block: branches side by side, concatenated. */
export interface BlockSpec {
  /** Names in the TensorFlow graph of 2015-12-05 and in pytorch-fid. */
  readonly graphName: string;
  readonly torchName: string;
  readonly branches: readonly BranchSpec[];
}

type Step = readonly [name: string, out: number, rows: number, columns?: number];

const convolution = ([name, out, rows, columns = rows]: Step): ConvolutionSpec => ({
  name,
  out,
  kernel: [rows, columns],
});
const chain = (tower: string, ...steps: readonly Step[]): BranchSpec => ({
  tower,
  steps: steps.map((step) => [convolution(step)]),
});
const pooled = (pool: 'average' | 'max', out: number): BranchSpec => ({
  ...chain('tower_2', ['branch_pool', out, 1]),
  pool,
});
const halvingPool: BranchSpec = { tower: '', pool: 'max-halving', steps: [] };

/** The chain with its last convolution at stride 2. */
function halving(branch: BranchSpec): BranchSpec {
  const last = branch.steps.length - 1;
  return {
    ...branch,
    steps: branch.steps.map((step, i) => (i === last ? step.map((spec) => ({ ...spec, halves: true })) : step)),
  };
}

const doubled3x3 = chain('tower_1', ['branch3x3dbl_1', 64, 1], ['branch3x3dbl_2', 96, 3], ['branch3x3dbl_3', 96, 3]);

const blockA = (poolChannels: number): readonly BranchSpec[] => [
  chain('', ['branch1x1', 64, 1]),
  chain('tower', ['branch5x5_1', 48, 1], ['branch5x5_2', 64, 5]),
  doubled3x3,
  pooled('average', poolChannels),
];

const blockB: readonly BranchSpec[] = [
  halving(chain('', ['branch3x3', 384, 3])),
  halving({ ...doubled3x3, tower: 'tower' }),
  halvingPool,
];

const blockC = (inner: number): readonly BranchSpec[] => [
  chain('', ['branch1x1', 192, 1]),
  chain('tower', ['branch7x7_1', inner, 1], ['branch7x7_2', inner, 1, 7], ['branch7x7_3', 192, 7, 1]),
  chain(
    'tower_1',
    ['branch7x7dbl_1', inner, 1],
    ['branch7x7dbl_2', inner, 7, 1],
    ['branch7x7dbl_3', inner, 1, 7],
    ['branch7x7dbl_4', inner, 7, 1],
    ['branch7x7dbl_5', 192, 1, 7],
  ),
  pooled('average', 192),
];

const blockD: readonly BranchSpec[] = [
  halving(chain('tower', ['branch3x3_1', 192, 1], ['branch3x3_2', 320, 3])),
  halving(
    chain(
      'tower_1',
      ['branch7x7x3_1', 192, 1],
      ['branch7x7x3_2', 192, 1, 7],
      ['branch7x7x3_3', 192, 7, 1],
      ['branch7x7x3_4', 192, 3],
    ),
  ),
  halvingPool,
];

/** A chain that ends in a 1×3 and a 3×1 convolution side by side. */
function forked(branch: BranchSpec, name: string): BranchSpec {
  return {
    ...branch,
    steps: [...branch.steps, [convolution([`${name}a`, 384, 1, 3]), convolution([`${name}b`, 384, 3, 1])]],
  };
}

const blockE = (pool: 'average' | 'max'): readonly BranchSpec[] => [
  chain('', ['branch1x1', 320, 1]),
  forked(chain('tower', ['branch3x3_1', 384, 1]), 'branch3x3_2'),
  forked(chain('tower_1', ['branch3x3dbl_1', 448, 1], ['branch3x3dbl_2', 384, 3]), 'branch3x3dbl_3'),
  pooled(pool, 192),
];

/** The eleven blocks (Szegedy et al. 2016, table 1, as TensorFlow's graph of 2015-12-05 has them). */
export const inceptionBlocks: readonly BlockSpec[] = [
  { graphName: 'mixed', torchName: 'Mixed_5b', branches: blockA(32) },
  { graphName: 'mixed_1', torchName: 'Mixed_5c', branches: blockA(64) },
  { graphName: 'mixed_2', torchName: 'Mixed_5d', branches: blockA(64) },
  { graphName: 'mixed_3', torchName: 'Mixed_6a', branches: blockB },
  { graphName: 'mixed_4', torchName: 'Mixed_6b', branches: blockC(128) },
  { graphName: 'mixed_5', torchName: 'Mixed_6c', branches: blockC(160) },
  { graphName: 'mixed_6', torchName: 'Mixed_6d', branches: blockC(160) },
  { graphName: 'mixed_7', torchName: 'Mixed_6e', branches: blockC(192) },
  { graphName: 'mixed_8', torchName: 'Mixed_7a', branches: blockD },
  { graphName: 'mixed_9', torchName: 'Mixed_7b', branches: blockE('average') },
  // The graph's last block pools by maximum, unlike the published network; FID is defined with that.
  { graphName: 'mixed_10', torchName: 'Mixed_7c', branches: blockE('max') },
];
