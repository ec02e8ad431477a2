import { join } from 'node:path';
import { toPixels } from '@lascaux/data';
import { openAtlas, painterEmojis, painterScene, paintScene, sceneSet, type Atlas } from '@lascaux/scenes';
import { loadVaeDecoder, loadVaeEncoder, type VaeEncoder } from '@lascaux/vae';

const SIDE = 256;
const SIZE = { width: SIDE, height: SIDE };
/** Another seed than training's: other placements, grounds and colours of the same drawings. */
const SEED = 99;
const SHARES = { single: 0.55, count: 0.2, coloured: 0.25, white: 0.15 };

/** How well a VAE shows scenes that it never saw; means over images. */
export interface VaeFigures {
  readonly images: number;
  /** Of decoded posterior means, in dB for values in [−1, 1]. */
  readonly psnr: number;
  /** Σ |differences of neighbours| of decoded images over that of the originals: below 1 is blur, above 1 noise. */
  readonly edgeEnergy: number;
  /** KL(q(z | x) ‖ N(0, I)) in nats an image. */
  readonly divergence: number;
  /** How far latents of a drawing lie from those of the same one, pixels to the right: as a share of how far those of different drawings do. */
  readonly shifts: readonly { readonly pixels: number; readonly share: number }[];
}

/** Pixels by which drawings are shifted. */
const SHIFTS = [1, 2, 4, 6, 8];

/** Distances of latents of shifted drawings on white, as shares of those between drawings. */
async function shiftShares(encoder: VaeEncoder, atlas: Atlas, count: number): Promise<VaeFigures['shifts']> {
  const source = { seed: SEED, count: atlas.emojis.length, isSteady: true };
  const latent = async (index: number, dx: number): Promise<Float32Array> => {
    const shares = { single: 1, count: 0, coloured: 0, white: 1 };
    const scene = painterScene({ ...source, shares }, index);
    const [thing] = scene.items;
    const moved = { ...scene, items: [{ ...thing!, x: thing!.x + dx }] };
    return encoder.encode(toPixels(paintScene(atlas, moved), SIZE), SIZE);
  };
  const distance = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  let between = 0;
  const shifted = SHIFTS.map(() => 0);
  let before = await latent(count, 0);
  for (let i = 0; i < count; i++) {
    const own = await latent(i, 0);
    between += distance(own, before);
    for (const [k, pixels] of SHIFTS.entries()) shifted[k]! += distance(own, await latent(i, pixels));
    before = own;
  }
  return SHIFTS.map((pixels, k) => ({ pixels, share: shifted[k]! / between }));
}

/** Σ |x differences| + |y differences| of an image [3, H, W]. */
function edges(image: Float32Array): number {
  let total = 0;
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const at = (c * SIDE + y) * SIDE + x;
        if (x > 0) total += Math.abs(image[at]! - image[at - 1]!);
        if (y > 0) total += Math.abs(image[at]! - image[at - SIDE]!);
      }
  return total;
}

/** Measures the VAE of a model folder on scenes of another seed. */
export async function vaeFigures(model: string, data: string, images: number): Promise<VaeFigures> {
  const atlas = await openAtlas(join(data, 'atlas'), painterEmojis());
  const set = sceneSet({ atlas, seed: SEED, shares: SHARES });
  const encoder = await loadVaeEncoder(join(model, 'vae_encoder'));
  const decoder = await loadVaeDecoder(join(model, 'vae_decoder'));
  const totals = { psnr: 0, before: 0, after: 0, divergence: 0 };
  for (let i = 0; i < images; i++) {
    const image = toPixels(await set.pixels(i, SIDE), SIZE);
    const { mean, logVariance } = await encoder.posterior(image, SIZE);
    const decoded = (await decoder.decode(await encoder.encode(image, SIZE), SIZE)).map((value) =>
      Math.max(-1, Math.min(1, value)),
    );
    const error = image.reduce((sum, value, k) => sum + (value - decoded[k]!) ** 2, 0) / image.length;
    totals.psnr += 10 * Math.log10(4 / error);
    totals.before += edges(image);
    totals.after += edges(decoded);
    totals.divergence += mean.reduce(
      (sum, mu, k) => sum + 0.5 * (mu * mu + Math.exp(logVariance[k]!) - 1 - logVariance[k]!),
      0,
    );
  }
  const shifts = await shiftShares(encoder, atlas, Math.ceil(images / SHIFTS.length));
  await Promise.all([encoder.dispose(), decoder.dispose()]);
  atlas.close();
  return {
    images,
    psnr: totals.psnr / images,
    edgeEnergy: totals.after / totals.before,
    divergence: totals.divergence / images,
    shifts,
  };
}
