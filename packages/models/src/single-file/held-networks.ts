import { autoencoderConfig, autoencoderNames, type LatentScaling } from './autoencoder.js';
import type { HeldNetwork } from './checkpoint-family.js';
import { clipConfig, isOpenClip, openClipConfig, openClipLayers, openClipParts } from './clip.js';
import { has, sizeAt, under, type Entries } from './shapes.js';
import { t5Config } from './t5.js';
import type { TensorParts } from './tensor-part.js';
import { unetConfig, unetNames } from './unet.js';

/** What names of a denoiser begin with. */
export const UNET = 'model.diffusion_model.';
/** Any of the prefixes under which the file holds something; undefined for none. */
const held = (entries: Entries, prefixes: readonly string[]): string | undefined =>
  prefixes.find((prefix) => has(entries, prefix));

const prefixed = (prefix: string, parts: TensorParts): TensorParts =>
  new Map([...parts].map(([name, part]) => [name, { ...part, from: prefix + part.from }]));
const same = (names: ReadonlyMap<string, string>): TensorParts =>
  new Map([...names].map(([now, from]) => [now, { from }]));

/** A network whose names begin with the first of the prefixes that the file has; undefined for none. */
export function network(
  entries: Entries,
  prefixes: readonly string[],
  make: (inside: Entries) => HeldNetwork,
): HeldNetwork | undefined {
  const prefix = held(entries, prefixes);
  if (prefix === undefined) return undefined;
  const made = make(under(entries, prefix));
  return { ...made, parts: prefixed(prefix, made.parts) };
}

/** The UNet of a file of Stable Diffusion 1, 2 or SDXL. */
export const unet = (entries: Entries): HeldNetwork | undefined =>
  network(entries, [UNET], (inside) => ({
    className: 'UNet2DConditionModel',
    config: unetConfig(inside),
    parts: same(unetNames(inside)),
  }));

/** The autoencoder. */
export const vae = (entries: Entries, scaling: LatentScaling): HeldNetwork | undefined =>
  network(entries, ['first_stage_model.', 'vae.'], (inside) => ({
    className: 'AutoencoderKL',
    config: autoencoderConfig(inside, scaling),
    parts: same(autoencoderNames(inside)),
  }));

/** Tensors that belong to no text encoder: a scale of scores, a mask. */
const NO_PARAMETER = /^(logit_scale|attn_mask|transformer\.text_model\.embeddings\.position_ids)$/;

/** A CLIP in either naming. `skipped` of its last layers are never used by the family. */
export function clip(
  entries: Entries,
  prefixes: readonly string[],
  { projected, skipped = 0 }: { readonly projected: boolean; readonly skipped?: number },
): HeldNetwork | undefined {
  const className = projected ? 'CLIPTextModelWithProjection' : 'CLIPTextModel';
  return network(entries, prefixes, (all) => {
    const inside = new Map([...all].filter(([name]) => !NO_PARAMETER.test(name)));
    const architectures = { architectures: [className] };
    if (isOpenClip(inside)) {
      const layers = openClipLayers(inside) - skipped;
      const config = { ...architectures, ...openClipConfig(inside, layers) };
      return { className, config, parts: openClipParts(inside, { layers, projected }) };
    }
    const named: Entries = new Map(
      [...inside].map(([name, facts]) => [isClipName(name) ? name : `text_model.${name}`, facts]),
    );
    const parts = new Map([...inside.keys()].map((name) => [isClipName(name) ? name : `text_model.${name}`, { from: name }]));
    return { className, config: { ...architectures, ...clipConfig(named) }, parts: projected ? withProjection(parts, named) : parts };
  });
}

/** SD 3's files may leave out the projection of the smaller CLIP, which is an identity. */
function withProjection(parts: TensorParts, entries: Entries): TensorParts {
  const [name, table] = ['text_projection.weight', 'text_model.embeddings.token_embedding.weight'];
  const { from } = parts.get(table) ?? { from: '' };
  return parts.has(name) ? parts : new Map([...parts, [name, { from, identity: sizeAt(entries, table, 1) }]]);
}

/** Older versions of transformers left out the first part of the names. */
const isClipName = (name: string): boolean => /^(text_model|text_projection)\./.test(name);

/** A T5 encoder under transformers' names. */
export const t5 = (entries: Entries, prefixes: readonly string[]): HeldNetwork | undefined =>
  network(entries, prefixes, (inside) => ({
    className: 'T5EncoderModel',
    config: t5Config(inside),
    parts: new Map([...inside.keys()].map((name) => [name, { from: name }])),
  }));

/** The token that CLIP's tokenizers pad with but for OpenCLIP's. */
export const END = '<|endoftext|>';
/** CLIP's tokenizer for a text encoder. */
export const clipTokenizer = (of: string, pad: string) => ({ of, pad, className: 'CLIPTokenizer' });
/** T5's. */
export const t5Tokenizer = (of: string) => ({ of, className: 'T5TokenizerFast' });
