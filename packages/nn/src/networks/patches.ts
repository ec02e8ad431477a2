import { conv2d, knownSize, sinusoidalEmbedding, toTokens } from '../layers/index.js';
import { check } from '../errors.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';
import type { Dim } from '../program/shape.js';

/** Options of `embedPatches`. */
export interface PatchOptions {
  /** Side of a patch in cells. */
  readonly patch: number;
  /** Width of a token. */
  readonly width: number;
  /** Patches along a side of the trained size; other sizes are stretched onto it. */
  readonly base: number;
  /** Positions are divided by it; default 1. */
  readonly interpolation?: number;
}

/** Rows and columns of patches. @throws {LascauxError} when height or width is not known or not a multiple of the patch */
export function patchGrid(x: Value, patch: number): readonly [rows: number, columns: number] {
  const [height, width] = [knownSize('patches', x, 2), knownSize('patches', x, 3)];
  const fits = height % patch === 0 && width % patch === 0;
  check(fits, {
    operation: 'patches',
    rule: `height and width must be multiples of ${patch}`,
    value: `${height} × ${width}`,
  });
  return [height / patch, width / patch];
}

/** Sinusoids of the positions along one axis: [count, width / 2]. */
function axisEmbedding(like: Value, count: number, { width, base, interpolation = 1 }: PatchOptions): Value {
  const positions = Array.from({ length: count }, (_, i) => (i * base) / count / interpolation);
  return sinusoidalEmbedding(ops.constant(like, positions, { shape: [count] }), {
    width: width / 2,
    frequencyShift: 0,
  });
}

/** Sinusoids of each patch's column, then of its row: [1, rows·columns, width]. Source: Peebles & Xie 2023, after He et al. 2022. */
function positions(like: Value, [rows, columns]: readonly [number, number], options: PatchOptions): Value {
  const half = options.width / 2;
  const across = ops.reshape(axisEmbedding(like, columns, options), [1, columns, half]);
  const down = ops.reshape(axisEmbedding(like, rows, options), [rows, 1, half]);
  const grid = [rows, columns, half];
  return ops.reshape(ops.concat([ops.broadcast(across, grid), ops.broadcast(down, grid)], 2), [1, -1, options.width]);
}

/** One token for each patch, row by row, with its position: [N, C, H, W] → [N, patches, width]; the parameter is `proj`. */
export function embedPatches(scope: Scope, x: Value, options: PatchOptions): Value {
  const { patch, width } = options;
  const grid = patchGrid(x, patch);
  const tokens = toTokens(conv2d(scope.at('proj'), x, { out: width, kernel: patch, stride: patch, padding: 0 }));
  return ops.add(tokens, positions(x, grid, options));
}

/** Tokens [N, rows·columns, patch²·channels], channels innermost → feature map [N, channels, rows·patch, columns·patch]. */
export function joinPatches(tokens: Value, [rows, columns]: readonly [number, number], patch: number): Value {
  const n = tokens.shape[0] as Dim;
  const channels = knownSize('patches', tokens, 2) / (patch * patch);
  const cells = ops.reshape(tokens, [n, rows, columns, patch, patch, channels]);
  return ops.reshape(ops.transpose(cells, [0, 5, 1, 3, 2, 4]), [n, channels, rows * patch, columns * patch]);
}
