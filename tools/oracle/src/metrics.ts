import {
  diagonalGaussianKl,
  diagonalGaussianNegativeLogDensity,
  exactElbo,
  exactLogLikelihood,
  exactPosterior,
  featureMatrix,
  featureMatrixFromRows,
  frechetDistance,
  frechetDistanceOfMoments,
  gaussianKl,
  inceptionScore,
  kernelInceptionDistance,
  momentsOf,
  polynomialMmd2,
  precisionRecall,
  sampledBounds,
  scalarGaussianKl,
  sliceRows,
  standardGaussian,
  type FeatureMatrix,
  type Gaussian,
  type MmdEstimator,
} from '@lascaux/evaluator';
import { type CaseResult, failure, WorstError } from './case-result.js';
import { casesOf } from './formats.js';

/** Runs the parsed contents of one oracle file. */
export type FileRunner = (json: unknown) => CaseResult[] | Promise<CaseResult[]>;

/** Well-conditioned values in doubles; Fréchet distances of (nearly) singular covariances. */
const EXACT = 1e-11;
const SINGULAR = 1e-6;
/** Scalar divergences: their inputs are printed with six decimals. */
const SIX_DECIMALS = 1e-6;

/** Runners of the metric formats, by the prefix of the file name; a longer prefix comes before the one it begins with. */
export const metricRunners: Record<string, FileRunner> = {
  frechet_moments: eachCase(compareMoments),
  frechet_: eachCase(compareFrechet, ({ id }) => (/below_d|singular/.test(id) ? SINGULAR : EXACT)),
  kid: eachCase(compareKid),
  precision_recall: eachCase(comparePrecisionRecall),
  inception_score: eachCase(compareInceptionScore),
  gaussian_kl: eachCase(compareKl, ({ kind }) => (kind === 'scalar' ? SIX_DECIMALS : EXACT)),
  elbo_linear_gaussian: eachCase(compareElbo),
};

function eachCase<Case extends { id: string }>(
  compare: (oracle: Case, worst: WorstError) => void | Promise<void>,
  toleranceOf: (oracle: Case) => number = () => EXACT,
): FileRunner {
  return (json) =>
    Promise.all(
      casesOf<Case>(json).map(async (oracle) => {
        const worst = new WorstError(oracle.id, toleranceOf(oracle));
        try {
          await compare(oracle, worst);
        } catch (cause) {
          return failure(oracle.id, cause);
        }
        return worst.result();
      }),
    );
}

/** How a feature set is made; see the README beside the files. */
interface Recipe {
  N: number;
  seed: number;
  mix?: number;
  shift0?: number;
  shift1?: number;
  s0?: number;
  s1?: number;
  rank?: number;
  tiny?: number;
}

/** The features of a recipe: sums of four uniform numbers of the congruential generator, mixed, scaled and shifted. */
function featuresOf(recipe: Recipe, columns: number): FeatureMatrix {
  const { N, seed, mix = 0, shift0 = 0, shift1 = 0, s0 = 1, s1 = 0, rank = columns, tiny = 0 } = recipe;
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const draw = () => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772;
  const z = Float64Array.from({ length: N * columns }, draw);
  const data = new Float64Array(N * columns);
  for (let start = 0; start < data.length; start += columns) {
    for (let j = 0; j < columns; j++) {
      const [shift, scale] = [shift0 + shift1 * (((j * 7) % 11) / 11), s0 + s1 * (((j * 5) % 13) / 13)];
      data[start + j] = shift + scale * (z[start + j]! + mix * z[start + ((j + 1) % columns)]!);
    }
    for (let j = rank; j < columns; j++) data[start + j] = data[start + (j % rank)]! + tiny * z[start + j]!;
  }
  return featureMatrix(data, columns);
}

interface FrechetCase {
  id: string;
  D: number;
  features1: Recipe;
  features2: Recipe;
  distance: { pytorch_fid: number; torch_fidelity_eigvals: number; accurate: number };
}

function compareFrechet({ D, features1, features2, distance }: FrechetCase, worst: WorstError): void {
  const [a, b] = [featuresOf(features1, D), featuresOf(features2, D)];
  const got = [frechetDistance(a, b), frechetDistanceOfMoments(momentsOf(a), momentsOf(b))];
  for (const reference of ['accurate', 'pytorch_fid', 'torch_fidelity_eigvals'] as const) {
    const expected = distance[reference];
    worst.compare(reference, { got, expected: [expected, expected], scale: Math.max(1, Math.abs(expected)) });
  }
}

interface MomentsCase {
  id: string;
  mu1: number[];
  sigma1: number[][];
  mu2: number[];
  sigma2: number[][];
  distance: { mpmath_from_sigma: number };
}

function compareMoments({ mu1, sigma1, mu2, sigma2, distance }: MomentsCase, worst: WorstError): void {
  const got = frechetDistanceOfMoments(gaussianOf(mu1, sigma1), gaussianOf(mu2, sigma2));
  worst.compare('without the eps rule', { got: [got], expected: [distance.mpmath_from_sigma] });
}

interface KidCase {
  id: string;
  D: number;
  features1: Recipe;
  features2: Recipe;
  kernel: { degree: number; gamma_used: number; coef0: number };
  subset_rng: string;
  subset_seed: number;
  subset_size: number;
  subsets1: number[][];
  subsets2: number[][];
  mmd2_per_subset: number[];
  kid: { mean: number; std_population: number };
  mmd2_first_m_rows: Record<MmdEstimator, number> & { m: number };
}

async function compareKid(oracle: KidCase, worst: WorstError): Promise<void> {
  const { D, subsets1, subsets2, mmd2_first_m_rows: firstRows } = oracle;
  const [a, b] = [featuresOf(oracle.features1, D), featuresOf(oracle.features2, D)];
  const { degree, gamma_used: gamma, coef0: coefficient } = oracle.kernel;
  const kernel = { degree, gamma, coefficient };
  const expected = [...oracle.mmd2_per_subset, oracle.kid.mean, oracle.kid.std_population];
  const compare = (where: string, got: Awaited<ReturnType<typeof kernelInceptionDistance>>) =>
    worst.compare(where, { got: [...got.perSubset, got.mean, got.standardDeviation], expected });
  const drawn = subsets1.map((rows1, i) => ({ rows1, rows2: subsets2[i]! }));
  compare('given subsets', await kernelInceptionDistance(a, b, { kernel, drawn }));
  if (oracle.subset_rng === 'numpy') {
    const { subset_size: subsetSize, subset_seed: seed } = oracle;
    compare(
      'drawn subsets',
      await kernelInceptionDistance(a, b, { kernel, subsets: subsets1.length, subsetSize, seed }),
    );
  }
  const [x, y] = [sliceRows(a, 0, firstRows.m), sliceRows(b, 0, firstRows.m)];
  for (const estimator of ['unbiased', 'biased', 'u-statistic'] as const) {
    worst.compare(estimator, { got: [polynomialMmd2(x, y, { kernel, estimator })], expected: [firstRows[estimator]] });
  }
}

interface ManifoldCase {
  id: string;
  k: number;
  generated: number[][];
  real: number[][];
  precision: number;
  recall: number;
}

async function comparePrecisionRecall(
  { k, generated, real, precision, recall }: ManifoldCase,
  worst: WorstError,
): Promise<void> {
  const sets = { generated: featureMatrixFromRows(generated), real: featureMatrixFromRows(real) };
  const got = await precisionRecall(sets, { k, ballK: 1 });
  worst.compare('precision and recall', { got: [got.precision, got.recall], expected: [precision, recall] });
}

interface ScoreCase {
  id: string;
  logits?: number[][];
  probabilities: number[][];
  results: { splits: number; mean: number; std_population?: number }[];
}

function compareInceptionScore({ logits, probabilities, results }: ScoreCase, worst: WorstError): void {
  const inputs = [['probabilities', probabilities] as const, ...(logits ? [['logits', logits] as const] : [])];
  for (const [input, rows] of inputs) {
    for (const { splits, mean, std_population: deviation } of results) {
      const got = inceptionScore(featureMatrixFromRows(rows), { input, splits });
      worst.compare(`${input}, ${splits} splits`, {
        got: [got.mean, got.standardDeviation],
        expected: [mean, deviation ?? 0],
      });
    }
  }
}

type KlCase = { id: string } & (
  | { kind: 'scalar'; mu1: number; std1: number; mu2: number; std2: number; kl_nats: number }
  | {
      kind: 'full';
      mu1: number[];
      cov1: number[][];
      mu2: number[];
      cov2: number[][];
      kl_nats: number;
      kl_to_standard_nats: number;
    }
  | {
      kind: 'diagonal latent';
      shape: number[];
      parameters1: number[];
      parameters2: number[];
      x: number[];
      kl_to_standard: number[];
      kl_1_to_2: number[];
      nll_x_under_1: number[];
    }
);

function compareKl(oracle: KlCase, worst: WorstError): void {
  if (oracle.kind === 'scalar') {
    const { mu1, std1, mu2, std2, kl_nats: expected } = oracle;
    const kl = scalarGaussianKl({ mean: mu1, deviation: std1 }, { mean: mu2, deviation: std2 });
    worst.compare('scalar', { got: [kl], expected: [expected], scale: Math.max(1, expected) });
  } else if (oracle.kind === 'full') {
    const q = gaussianOf(oracle.mu1, oracle.cov1);
    const toStandard = gaussianKl(q, standardGaussian(oracle.mu1.length));
    const got = [gaussianKl(q, gaussianOf(oracle.mu2, oracle.cov2)), toStandard];
    worst.compare('full', { got, expected: [oracle.kl_nats, oracle.kl_to_standard_nats] });
  } else {
    const gaussians = (values: number[]) => ({ parameters: Float64Array.from(values), count: oracle.shape[0]! });
    const [q, p] = [gaussians(oracle.parameters1), gaussians(oracle.parameters2)];
    const relative = (where: string, got: Float64Array, expected: number[]) =>
      expected.forEach((value, i) =>
        worst.compare(where, { got: [got[i]!], expected: [value], scale: Math.max(1, Math.abs(value)) }),
      );
    relative('to standard', diagonalGaussianKl(q), oracle.kl_to_standard);
    relative('1 to 2', diagonalGaussianKl(q, p), oracle.kl_1_to_2);
    relative('negative log density', diagonalGaussianNegativeLogDensity(q, oracle.x), oracle.nll_x_under_1);
  }
}

interface ElboCase {
  id: string;
  obs_variance: number;
  W: number[][];
  b: number[];
  x: number[];
  log_px: number;
  posterior_mean: number[];
  posterior_cov: number[][];
  q_cases: {
    q: string;
    mean: number[];
    cov: number[][];
    expected_log_likelihood: number;
    kl_q_prior: number;
    elbo: number;
    eps: number[][];
    mc_elbo_sampled_rec_analytic_kl: number;
    mc_elbo_all_sampled: number;
    iwae_bound: number;
  }[];
}

function compareElbo({ W, b, x, ...oracle }: ElboCase, worst: WorstError): void {
  const model = { weight: Float64Array.from(W.flat()), bias: Float64Array.from(b), variance: oracle.obs_variance };
  worst.compare('log p(x)', { got: [exactLogLikelihood(model, x)], expected: [oracle.log_px] });
  const posterior = exactPosterior(model, x);
  worst.compare('posterior mean', { got: posterior.mean, expected: oracle.posterior_mean });
  worst.compare('posterior covariance', { got: posterior.covariance, expected: oracle.posterior_cov.flat() });
  for (const expected of oracle.q_cases) {
    const q = gaussianOf(expected.mean, expected.cov);
    const exact = exactElbo(model, x, q);
    const sampled = sampledBounds(model, x, { q, noise: expected.eps });
    worst.compare(expected.q, {
      got: [
        exact.expectedLogLikelihood,
        exact.kl,
        exact.elbo,
        sampled.elboAnalyticKl,
        sampled.elbo,
        sampled.importanceWeighted,
      ],
      expected: [
        ...[expected.expected_log_likelihood, expected.kl_q_prior, expected.elbo],
        ...[expected.mc_elbo_sampled_rec_analytic_kl, expected.mc_elbo_all_sampled, expected.iwae_bound],
      ],
    });
  }
}

function gaussianOf(mean: number[], covariance: number[][]): Gaussian {
  return { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance.flat()) };
}
