import { join } from 'node:path';
import { type ImageSet, toPixels } from '@lascaux/data';
import type { LatentSet } from '@lascaux/diffusion/train';
import { check, readSafetensors, writeSafetensors } from '@lascaux/nn';
import { loadTextEncoder } from '@lascaux/text-encoder';
import { loadVaeEncoder } from '@lascaux/vae';

/** What `prepareLatents` needs. */
export interface LatentOptions {
  readonly set: ImageSet;
  /** Side of the pictures in pixels. */
  readonly size: number;
  /** Model folder with `vae_encoder/` and, unless `textEncoder` names another, `text_encoder/` and `tokenizer/`. */
  readonly model: string;
  /** Model folder with `text_encoder/` and `tokenizer/`. */
  readonly textEncoder?: string;
  /** Says what the latents were made of: a cache with another one is made anew. Default: any cache of the right length is used. */
  readonly fingerprint?: string;
  /** Folder of the cache file. */
  readonly cache: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Encodes every picture to its posterior mean, scaled: [N, C·h·w]; one that is in the set several times is encoded once. */
async function encodePictures({ set, size, model, signal, onProgress }: LatentOptions): Promise<Float32Array> {
  const encoder = await loadVaeEncoder(join(model, 'vae_encoder'));
  try {
    let latents: Float32Array | undefined;
    const first = new Map<string, number>();
    for (let i = 0; i < set.length; i++) {
      signal?.throwIfAborted();
      const { file, offset } = set.origin(i);
      const place = `${file}\0${offset}`;
      const known = first.get(place);
      if (known !== undefined && latents !== undefined) {
        const length = latents.length / set.length;
        latents.copyWithin(i * length, known * length, (known + 1) * length);
        continue;
      }
      first.set(place, i);
      const latent = await encoder.encode(toPixels(await set.pixels(i, size), { height: size, width: size }), {
        height: size,
        width: size,
      });
      latents ??= new Float32Array(set.length * latent.length);
      latents.set(latent, i * latent.length);
      if (i % 100 === 0) onProgress?.(i, set.length);
    }
    return latents ?? new Float32Array(0);
  } finally {
    await encoder.dispose();
  }
}

/** Reads the latents of an earlier preparation, or makes and keeps them. */
async function latentsOf(options: LatentOptions): Promise<Float32Array> {
  const path = join(options.cache, 'latents.safetensors');
  // It can always be made again, so that a damaged one needs no complaint.
  const stored = await readSafetensors(path).catch(() => undefined);
  const isOther = options.fingerprint !== undefined && stored?.metadata.fingerprint !== options.fingerprint;
  if (stored === undefined || isOther) return makeLatents(options);
  const data = stored.tensors.get('latents')?.data;
  check(data instanceof Float32Array && data.length % options.set.length === 0, {
    operation: path,
    rule: `must hold one latent for each of ${options.set.length} pictures`,
    value: data?.length,
  });
  return data;
}

async function makeLatents(options: LatentOptions): Promise<Float32Array> {
  const { set, cache, fingerprint } = options;
  const latents = await encodePictures(options);
  const metadata: Readonly<Record<string, string>> = fingerprint === undefined ? {} : { fingerprint };
  const tensor = { dtype: 'F32', shape: [set.length, latents.length / set.length], data: latents } as const;
  await writeSafetensors(join(cache, 'latents.safetensors'), { latents: tensor }, metadata);
  return latents;
}

/**
 * Latents and embedded captions of a picture folder, held in memory: what the denoiser is trained on. Latents are kept in `cache`; equal
 * captions are embedded once.
 * @throws {LascauxError} naming what is missing in the model folder, or a picture that cannot be read
 */
export async function prepareLatents(options: LatentOptions): Promise<LatentSet> {
  const { set, model } = options;
  const latents = await latentsOf(options);
  const size = latents.length / set.length;
  const textEncoder = await loadTextEncoder(options.textEncoder ?? model, { cacheSize: 0 });
  const embed = async (caption: string): Promise<Float32Array> => {
    const { lastHiddenState } = await textEncoder.encode([caption]);
    return Float32Array.from(lastHiddenState.data as Float32Array);
  };
  try {
    const embeddings = new Map<string, Float32Array>();
    for (let i = 0; i < set.length; i++) {
      options.signal?.throwIfAborted();
      const caption = set.caption(i);
      if (!embeddings.has(caption)) embeddings.set(caption, await embed(caption));
    }
    const unconditional = await embed('');
    return {
      length: set.length,
      latent: (i) => latents.subarray(i * size, (i + 1) * size),
      embedding: (i) => embeddings.get(set.caption(i)) as Float32Array,
      unconditional,
    };
  } finally {
    await textEncoder.dispose();
  }
}
