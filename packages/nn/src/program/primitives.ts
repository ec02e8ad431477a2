import type { DType, Shape } from './shape.js';

/** Padding of the two spatial axes, in cells: top, left, bottom, right. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** Stride and padding of a two-dimensional convolution over a feature map [batch, channels, height, width]. */
export interface ConvolutionGeometry {
  readonly stride: number;
  readonly padding: Padding;
}

type None = Readonly<Record<never, never>>;

/**
 * The closed list of primitives, each with its attributes. Everything a network does is written with these; each has a shape rule
 * (`shape-rules.ts`), a gradient rule (`gradient-rules.ts`) and one emission per engine (`onnx/emissions.ts`, `tfjs/emissions.ts`): the
 * compiler proves by mapped types over this list that none is missing.
 */
export interface PrimitiveAttributes {
  /** A small literal array; big ones are parameters or inputs. */
  constant: { readonly values: readonly number[]; readonly shape: readonly number[]; readonly dtype: DType };

  add: None;
  sub: None;
  mul: None;
  div: None;
  /** 1 where a > b, else 0 (float32). */
  greater: None;

  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  sin: None;
  cos: None;
  tanh: None;
  erf: None;
  sigmoid: None;
  /** max(x, 0) */
  relu: None;
  /** x·σ(x) */
  silu: None;
  /** x·Φ(x), the exact form with erf */
  gelu: None;

  /** Σ over the axes, which stay with size 1. */
  sum: { readonly axes: readonly number[] };
  /** Maximum over one axis, which stays with size 1. */
  max: { readonly axis: number };
  /** exp(x) / Σ exp(x) over the last axis. */
  softmax: None;
  /** (x − mean) / √(variance + ε) over the last axis, variance with 1/N. */
  standardize: { readonly epsilon: number };
  /** 1 / √(variance + ε) over the last axis, which stays with size 1. */
  inverseDeviation: { readonly epsilon: number };

  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcast: { readonly shape: Shape };
  concat: { readonly axis: number };
  /** Cells [begin, end) of one axis. */
  slice: { readonly axis: number; readonly begin: number; readonly end: number };
  /** Zeros put before and after one axis. */
  pad: { readonly axis: number; readonly before: number; readonly after: number };

  /** The upper left part of a feature map, of the height and width that the second one has. */
  cropLike: None;

  /** Matrix product of the last two axes, the others broadcast. */
  matmul: None;
  /** Feature map [N, C, H, W], filter [K, C, h, w] and perhaps a bias [K] → [N, K, H′, W′] (cross-correlation). */
  conv2d: ConvolutionGeometry;
  /** Gradient of `conv2d` for its feature map: (cotangent, filter) → [N, C, H, W]. */
  conv2dInputGradient: ConvolutionGeometry & { readonly inputShape: Shape };
  /** Gradient of `conv2d` for its filter: (feature map, cotangent) → [K, C, h, w]. */
  conv2dFilterGradient: ConvolutionGeometry & { readonly filterShape: readonly number[] };
  /** Every cell of a feature map repeated `factor` × `factor` times. */
  upsampleNearest: { readonly factor: number };
  /** Sum over disjoint `factor` × `factor` windows: the transpose of `upsampleNearest`. */
  sumPool: { readonly factor: number };
  /** Runs of `factor`² channels spread over space: [N, C·f², H, W] → [N, C, H·f, W·f] (torch.nn.PixelShuffle). */
  pixelShuffle: { readonly factor: number };
  /** Windows of `factor` × `factor` cells gathered into channels: the inverse of `pixelShuffle` (torch.nn.PixelUnshuffle). */
  pixelUnshuffle: { readonly factor: number };

  /** Rows of a table [V, D] at integer indices [...] → [..., D]. */
  gather: None;
  /** Rows added into a zero table: (indices [...], rows [..., D]) → [size, D]. The transpose of `gather`. */
  scatterAdd: { readonly size: number };
  /** Indices [...] → [..., depth] with a 1 at the index (float32). */
  oneHot: { readonly depth: number };
  /** Index of the largest value of the last axis, the first one where several are equal (int64). */
  argmax: None;
  cast: { readonly dtype: DType };
  /** The same values; no gradient flows back. */
  stopGradient: None;
}

export type PrimitiveName = keyof PrimitiveAttributes;
