import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError, writeFileAtomically, type Engine } from '@lascaux/nn';
import { STYLES, type Style } from '@lascaux/scenes';
import { DRAWING_ROLES, type DrawingLatents } from './drawing-latents.js';
import { principalComponents } from './principal-components.js';

/** Numbers of a part of an appearance code, as many as one token holds. */
export const CODE_LENGTH = 176;
/** Parts of an appearance code, the one that says most first. */
export const CODE_PARTS = 4;
const NUMBERS = CODE_PARTS * CODE_LENGTH;

/** What drawings look like, in few numbers. */
export interface AppearanceCodes {
  /** The code of emoji `index` in a style, in its own colours, [CODE_PARTS · CODE_LENGTH], each part of unit size over all drawings. */
  code(index: number, style: Style): Float32Array;
}

/**
 * Codes of all drawings: the principal components of their latents in every role that they play, so that what a denoiser is to paint follows
 * from them by a linear map but for details. Each number is divided by the fourth root of its variance, so that a mean squared error weighs large
 * shapes more than details, but not by as much as latents would. Kept in `codes.f32` of the folder of the runs.
 * Why: docs/decisions/0167.
 */
export async function appearanceCodes(
  engine: Engine,
  runs: string,
  drawings: DrawingLatents,
): Promise<AppearanceCodes> {
  const path = pathOf(runs);
  if (existsSync(path)) return finishedCodes(runs, drawings.count);
  const all = await computeCodes(engine, drawings);
  await writeFileAtomically(path, new Uint8Array(all.buffer, all.byteOffset, all.byteLength));
  return codesIn(all);
}

/** Codes that `appearanceCodes` has left in the folder of the runs, of so many drawings. @throws {LascauxError} when it has not */
export async function finishedCodes(runs: string, count: number): Promise<AppearanceCodes> {
  const path = pathOf(runs);
  if (!existsSync(path))
    throw new LascauxError({ operation: path, rule: 'is made by the stage of the denoiser', kind: 'usage' });
  const all = await readCodes(path);
  if (all.length !== count * NUMBERS)
    throw new Error(`${path}: must hold ${count} codes; remove it to have them made anew`);
  return codesIn(all);
}

const pathOf = (runs: string): string => join(runs, 'codes.f32');

const codesIn = (all: Float32Array): AppearanceCodes => ({
  code: (index, style) => {
    const drawing = index * STYLES.length + STYLES.indexOf(style);
    return all.subarray(drawing * NUMBERS, (drawing + 1) * NUMBERS);
  },
});

async function readCodes(path: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

async function computeCodes(engine: Engine, { count, latent }: DrawingLatents): Promise<Float32Array> {
  const vectors = Array.from({ length: count }, (_, drawing) => {
    const roles = DRAWING_ROLES.flatMap(({ weight }, role) =>
      weight === 0 ? [] : [latent(role, drawing).map((value) => weight * value)],
    );
    const joined = new Float32Array(roles.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const values of roles) {
      joined.set(values, at);
      at += values.length;
    }
    return joined;
  });
  const { scores, variances } = await principalComponents(engine, vectors, NUMBERS);
  const scales = variances.map((variance) => 1 / Math.max(variance, 1e-12) ** 0.25);
  const codes = scores.map((score, i) => score * scales[i % NUMBERS]!);
  for (let part = 0; part < CODE_PARTS; part++) {
    const own = (i: number): boolean => Math.floor((i % NUMBERS) / CODE_LENGTH) === part;
    let square = 0;
    for (let i = 0; i < codes.length; i++) if (own(i)) square += codes[i]! ** 2;
    const size = Math.sqrt(square / (count * CODE_LENGTH));
    for (let i = 0; i < codes.length; i++) if (own(i)) codes[i]! /= size;
  }
  return codes;
}

/** The share of the variance of the drawings' latents in a role that the best linear map makes of codes, by how many of their parts it is given. */
export function explainedShares(
  codes: AppearanceCodes,
  { count, latent }: DrawingLatents,
  role: number,
): readonly number[] {
  const codeOf = (drawing: number): Float32Array =>
    codes.code(Math.floor(drawing / STYLES.length), STYLES[drawing % STYLES.length]!);
  const size = latent(role, 0).length;
  const mean = new Float64Array(size);
  for (let drawing = 0; drawing < count; drawing++)
    latent(role, drawing).forEach((value, i) => (mean[i]! += value / count));
  const sums = new Float64Array(NUMBERS * size);
  const squares = new Float64Array(NUMBERS);
  let variance = 0;
  for (let drawing = 0; drawing < count; drawing++) {
    const own = latent(role, drawing);
    own.forEach((value, i) => (variance += (value - mean[i]!) ** 2));
    codeOf(drawing).forEach((factor, k) => {
      squares[k]! += factor * factor;
      for (let i = 0; i < size; i++) sums[k * size + i]! += factor * (own[i]! - mean[i]!);
    });
  }
  // The numbers of codes are uncorrelated, so that each adds what it explains alone.
  const byPart = new Array<number>(CODE_PARTS).fill(0);
  sums.forEach((sum, i) => {
    const k = Math.floor(i / size);
    byPart[Math.floor(k / CODE_LENGTH)]! += sum ** 2 / (squares[k]! + 1e-9) / variance;
  });
  let total = 0;
  return byPart.map((share) => (total += share));
}
