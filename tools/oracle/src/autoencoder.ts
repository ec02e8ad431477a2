import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { decodeNpy, type NpyArray } from '@lascaux/evaluator';
import { convertModel } from '@lascaux/models/convert';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';
import { type CaseResult, WorstError, magnitude } from './case-result.js';

/** Arrays of one picture with values in [0, 1], of its raw latent, and of that latent decoded. */
const ARRAYS = ['input', 'latent', 'decoded'] as const;
const TOLERANCE = 1e-4;

type ArrayName = (typeof ARRAYS)[number];

async function readArrays(folder: string): Promise<Record<ArrayName, NpyArray>> {
  const names = await readdir(folder);
  const read = async (array: ArrayName) => {
    const name = names.find((candidate) => candidate.startsWith(`${array}_`) && candidate.endsWith('.npy'));
    if (name === undefined) throw new RangeError(`oracle: ${folder} must hold ${array}_….npy`);
    return [array, decodeNpy(await readFile(join(folder, name)), name)] as const;
  };
  return Object.fromEntries(await Promise.all(ARRAYS.map(read))) as Record<ArrayName, NpyArray>;
}

/**
 * Runs a tiny autoencoder's published files against arrays of the reference: FOLDER holds `…_encoder.pth` and `…_decoder.pth`, and in
 * `reference/` `input_….npy` [1, 3, H, W], `latent_….npy` and `decoded_….npy`. The files go through `lascaux convert`.
 * @throws RangeError when an array is not there; LascauxError when the files are not those of a tiny autoencoder
 */
export async function runAutoencoder(folder: string): Promise<CaseResult[]> {
  const { input, latent, decoded } = await readArrays(join(folder, 'reference'));
  const [, , height = 0, width = 0] = input.shape;
  const size = { width, height };
  const temporary = await mkdtemp(join(tmpdir(), 'lascaux-oracle-'));
  try {
    const { out } = await convertModel({ model: folder, out: join(temporary, 'model') });
    const encoder = await loadVaeEncoder(join(out, 'vae_encoder'));
    const decoder = await loadVaeDecoder(join(out, 'vae_decoder'));
    const compared = (part: string, got: ArrayLike<number>, expected: ArrayLike<number>): CaseResult => {
      const worst = new WorstError(`${basename(folder)} ${part}`, TOLERANCE);
      worst.compare(part, { got, expected, scale: magnitude(expected) });
      return worst.result();
    };
    const pixels = Float32Array.from(input.data, (value) => 2 * value - 1);
    const got = await encoder.encode(pixels, size);
    const image = await decoder.decode(Float32Array.from(latent.data), size);
    const results = [
      compared('latent', got, latent.data),
      compared(
        'decoded',
        image.map((value) => value / 2 + 0.5),
        decoded.data,
      ),
    ];
    await Promise.all([encoder.dispose(), decoder.dispose()]);
    return results;
  } finally {
    await rm(temporary, { recursive: true });
  }
}
