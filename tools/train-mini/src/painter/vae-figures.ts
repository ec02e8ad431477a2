import { join } from 'node:path';
import { toPixels } from '@lascaux/data';
import { openAtlas, painterEmojis, sceneSet } from '@lascaux/scenes';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';

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
  await Promise.all([encoder.dispose(), decoder.dispose()]);
  atlas.close();
  return {
    images,
    psnr: totals.psnr / images,
    edgeEnergy: totals.after / totals.before,
    divergence: totals.divergence / images,
  };
}
