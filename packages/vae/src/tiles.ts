import { check } from '@lascaux/nn';
import type { VaeDecoder } from './decoder.js';
import type { EncodeOptions, VaeEncoder } from './encoder.js';
import type { ImageSize } from './pixels.js';
import { samplePosterior, type Posterior } from './posterior.js';
import { scaleLatent } from './scaling.js';

/** How large images are cut up, in pixels. */
export interface Tiling {
  /** Images of more pixels than this are cut up. */
  readonly above: number;
  /** Side of a tile. */
  readonly side: number;
  /** What neighbouring tiles share at least. */
  readonly overlap: number;
}

/** Images of up to about 1024×1024 pixels are worked on whole. */
export const DEFAULT_TILING: Tiling = { above: 1024 * 1024, side: 768, overlap: 192 };

/** Planes of numbers, [channels, height, width]. */
interface Planes extends ImageSize {
  readonly values: Float32Array;
}

/** Where tiles begin along an axis: evenly from one end to the other, so that all have one size. */
function tileStarts(length: number, tile: number, overlap: number): readonly number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
}

/** How much each place of a tile counts along an axis: it rises over the middle half of what neighbours share, and the rim counts nothing. */
function fade(
  { begin, tile, length }: { readonly begin: number; readonly tile: number; readonly length: number },
  overlap: number,
): Float32Array {
  const rise = (fromEdge: number): number => Math.min(1, Math.max(0, (fromEdge + 0.5 - overlap / 4) / (overlap / 2)));
  return Float32Array.from({ length: tile }, (_, i) =>
    Math.min(begin === 0 ? 1 : rise(i), begin + tile === length ? 1 : rise(tile - 1 - i)),
  );
}

/** A rectangle of planes. */
function cut(
  { values, width, height }: Planes,
  place: ImageSize & { readonly left: number; readonly top: number },
): Float32Array {
  const channels = values.length / (width * height);
  const part = new Float32Array(channels * place.width * place.height);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < place.height; y++) {
      const from = (c * height + place.top + y) * width + place.left;
      part.set(values.subarray(from, from + place.width), (c * place.height + y) * place.width);
    }
  return part;
}

/** What a function makes of planes, tile by tile, each next to its neighbours faded into them. */
async function overTiles(
  planes: Planes,
  { tile, overlap, scale }: { readonly tile: number; readonly overlap: number; readonly scale: number },
  run: (part: Float32Array, size: ImageSize) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { width, height } = planes;
  const size = { width: Math.min(tile, width), height: Math.min(tile, height) };
  const out = { width: width * scale, height: height * scale };
  const [tileWidth, tileHeight] = [size.width * scale, size.height * scale];
  let sum: Float32Array | undefined;
  const weights = new Float32Array(out.width * out.height);
  for (const top of tileStarts(height, tile, overlap))
    for (const left of tileStarts(width, tile, overlap)) {
      const made = await run(cut(planes, { ...size, left, top }), size);
      const channels = made.length / (tileWidth * tileHeight);
      check(Number.isSafeInteger(channels), { operation: 'tiles', rule: 'a tile came back in another size' });
      sum ??= new Float32Array(channels * out.width * out.height);
      const across = fade({ begin: left * scale, tile: tileWidth, length: out.width }, overlap * scale);
      const down = fade({ begin: top * scale, tile: tileHeight, length: out.height }, overlap * scale);
      for (let y = 0; y < tileHeight; y++)
        for (let x = 0; x < tileWidth; x++) {
          const weight = across[x]! * down[y]!;
          if (weight === 0) continue;
          const to = (top * scale + y) * out.width + left * scale + x;
          weights[to]! += weight;
          for (let c = 0; c < channels; c++)
            sum[c * out.width * out.height + to]! += weight * made[(c * tileHeight + y) * tileWidth + x]!;
        }
    }
  return sum!.map((value, i) => value / weights[i % weights.length]!);
}

/** A tiling in latent cells. */
const inCells = ({ side, overlap }: Tiling, factor: number) => ({
  tile: Math.max(2, Math.floor(side / factor)),
  overlap: Math.max(1, Math.floor(overlap / factor)),
});

const isLarge = ({ width, height }: ImageSize, { above }: Tiling): boolean => width * height > above;

/**
 * A decoder that cuts large latents into overlapping tiles, so that its memory does not grow with the image. Networks of convolutions and norms
 * of single pixels (AutoencoderDC, AutoencoderTiny) come out as from decoding at once, but for what reaches further than the overlap. Layers
 * that look at the whole image (the group norms and attention of AutoencoderKL) see a tile each, so tones differ from tile to tile; hence
 * nothing is cut up unless a program asks for it.
 * Source: diffusers, `AutoencoderKL.tiled_decode`; tiles begin elsewhere here, and their rims are left out.
 */
export function tiledDecoder(decoder: VaeDecoder, tiling: Tiling = DEFAULT_TILING): VaeDecoder {
  const { spatialFactor: factor } = decoder.config;
  const decode = (latent: Float32Array, size: ImageSize): Promise<Float32Array> => {
    if (!isLarge(size, tiling)) return decoder.decode(latent, size);
    const planes = { values: latent, width: size.width / factor, height: size.height / factor };
    return overTiles(planes, { ...inCells(tiling, factor), scale: factor }, (part, { width, height }) =>
      decoder.decode(part, { width: width * factor, height: height * factor }),
    );
  };
  return { ...decoder, decode };
}

/** The same for an encoder (`AutoencoderKL.tiled_encode`): the posterior's mean and log variance are faded into each other before a sample is drawn. */
export function tiledEncoder(encoder: VaeEncoder, tiling: Tiling = DEFAULT_TILING): VaeEncoder {
  const { spatialFactor: factor, latentChannels, scaling, isDeterministic } = encoder.config;
  const hasPosterior = !encoder.samplesInside && isDeterministic !== true;

  /** What a function makes of the tiles of an image, put together again. */
  async function encoded(
    image: Float32Array,
    size: ImageSize,
    run: (part: Float32Array, size: ImageSize) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const { tile, overlap } = inCells(tiling, factor);
    // Tiles begin at whole cells: they are cut from a map of cells, each of which stands for its pixels.
    const cells = { width: size.width / factor, height: size.height / factor };
    const numbers = { values: Float32Array.from({ length: cells.width * cells.height }, (_, i) => i), ...cells };
    const pixels = { values: image, ...size };
    return overTiles(numbers, { tile, overlap, scale: 1 }, (part, { width, height }) => {
      const first = part[0]!;
      const place = { left: (first % cells.width) * factor, top: Math.floor(first / cells.width) * factor };
      const tileSize = { width: width * factor, height: height * factor };
      return run(cut(pixels, { ...place, ...tileSize }), tileSize);
    });
  }

  async function posterior(image: Float32Array, size: ImageSize): Promise<Posterior> {
    if (!isLarge(size, tiling) || !hasPosterior) return encoder.posterior(image, size);
    const both = await encoded(image, size, async (part, tileSize) => {
      const { mean, logVariance } = await encoder.posterior(part, tileSize);
      return Float32Array.from([...mean, ...logVariance]);
    });
    return { mean: both.slice(0, both.length / 2), logVariance: both.slice(both.length / 2) };
  }

  async function encode(image: Float32Array, { noiseSource, ...size }: EncodeOptions): Promise<Float32Array> {
    if (!isLarge(size, tiling)) return encoder.encode(image, { noiseSource, ...size });
    if (!hasPosterior) return encoded(image, size, (part, tileSize) => encoder.encode(part, tileSize));
    const distribution = await posterior(image, size);
    const raw = noiseSource ? samplePosterior(distribution, noiseSource(distribution.mean.length)) : distribution.mean;
    return scaleLatent(raw, latentChannels, scaling);
  }

  return { ...encoder, posterior, encode };
}
