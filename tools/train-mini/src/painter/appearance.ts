import type { Engine } from '@lascaux/nn';
import { STYLES, thumbnails, type Atlas, type Style } from '@lascaux/scenes';
import { principalComponents } from './principal-components.js';

/** Numbers of an appearance code. */
export const CODE_LENGTH = 176;

/** What drawings look like, in few numbers. */
export interface AppearanceCodes {
  /** The code of emoji `index` in a style, in its own colours, [CODE_LENGTH], each number of about unit size. */
  code(index: number, style: Style): Float32Array;
  /** The share of the drawings' variance that the codes hold. */
  readonly explained: number;
}

/**
 * Codes of all drawings: the principal components of their thumbnails. Each number is divided by the fourth root of its variance, so that
 * a mean squared error over codes weighs large shapes more than details, but not by as much as pixels would.
 */
export async function appearanceCodes(engine: Engine, atlas: Atlas): Promise<AppearanceCodes> {
  const small = thumbnails(atlas);
  const vectors = atlas.emojis.flatMap((_, index) => STYLES.map((style) => small.values(index, style, null)));
  const { mean, basis, variances, totalVariance } = await principalComponents(engine, vectors, CODE_LENGTH);
  const size = Math.sqrt(variances.reduce((sum, variance) => sum + Math.sqrt(variance), 0) / CODE_LENGTH);
  const scales = variances.map((variance) => 1 / (variance ** 0.25 * size));
  const known = new Map<string, Float32Array>();

  function project(vector: Float32Array): Float32Array {
    const code = new Float32Array(CODE_LENGTH);
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i]! - mean[i]!;
      if (value === 0) continue;
      for (let k = 0; k < CODE_LENGTH; k++) code[k]! += value * basis[i * CODE_LENGTH + k]!;
    }
    return code.map((value, k) => value * scales[k]!);
  }

  return {
    explained: variances.reduce((sum, variance) => sum + variance, 0) / totalVariance,
    code: (index, style) => {
      const key = `${index}/${style}`;
      const found = known.get(key) ?? project(small.values(index, style, null));
      known.set(key, found);
      return found;
    },
  };
}

/** The codes of all drawings, [nouns · styles + 1, CODE_LENGTH]: style by style for each noun; the last, of zeros, stands for none. */
export function codesOfAll(codes: AppearanceCodes, nouns: number): Float32Array {
  const all = new Float32Array((nouns * STYLES.length + 1) * CODE_LENGTH);
  for (let noun = 0; noun < nouns; noun++)
    STYLES.forEach((style, i) => all.set(codes.code(noun, style), (noun * STYLES.length + i) * CODE_LENGTH));
  return all;
}
