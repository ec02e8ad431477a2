import { LascauxError } from '@lascaux/nn';
import type { JsonObject } from '../convert/component-kinds.js';
import { autoencoderConfig, autoencoderNames, type LatentScaling } from './autoencoder.js';
import { clipConfig, isOpenClip, openClipConfig, openClipLayers, openClipParts } from './clip.js';
import { fluxConfig, fluxParts, sd3Config, sd3Parts } from './joint-transformers.js';
import { ddim, dynamicFlow, euler, flow, pndm, type Prediction } from './schedulers.js';
import { has, sizeAt, under, type Entries } from './shapes.js';
import type { TensorParts } from './tensor-part.js';
import { t5Config } from './t5.js';
import { unetConfig, unetNames } from './unet.js';

/** A network that a checkpoint holds. */
export interface HeldNetwork {
  readonly className: string;
  /** What its shapes tell. */
  readonly config: JsonObject;
  /** Its parameters under diffusers' or transformers' names, in the checkpoint's tensors. */
  readonly parts: TensorParts;
}

/** A checkpoint in one file, as its keys and shapes tell. */
export interface CheckpointFamily {
  /** For people, such as `SDXL`. */
  readonly name: string;
  /** diffusers' class of its pipeline. */
  readonly pipeline: string;
  /** Entries of `model_index.json` besides the components. */
  readonly settings: JsonObject;
  /** Networks by component; undefined for one that the pipeline needs and the file lacks. */
  readonly networks: Readonly<Record<string, HeldNetwork | undefined>>;
  /** Networks that the pipeline can do without. */
  readonly optional: readonly string[];
  /** Tokenizers by component, with the text encoder that each is for and the token that it pads with. */
  readonly tokenizers: Readonly<Record<string, { readonly of: string; readonly className: string; readonly pad?: string }>>;
  readonly scheduler: JsonObject;
  readonly prediction: Prediction | 'flow';
}

/** What the header of a safetensors file says (modelspec 1.0), and what the caller does. */
export interface CheckpointHints {
  readonly metadata: Readonly<Record<string, string>>;
  readonly prediction?: Prediction;
}

const UNET = 'model.diffusion_model.';
/** Any of the prefixes under which the file holds something; undefined for none. */
const held = (entries: Entries, prefixes: readonly string[]): string | undefined =>
  prefixes.find((prefix) => has(entries, prefix));

const prefixed = (prefix: string, parts: TensorParts): TensorParts =>
  new Map([...parts].map(([name, part]) => [name, { ...part, from: prefix + part.from }]));
const same = (names: ReadonlyMap<string, string>): TensorParts =>
  new Map([...names].map(([now, from]) => [now, { from }]));

function network(
  entries: Entries,
  prefixes: readonly string[],
  make: (inside: Entries) => HeldNetwork,
): HeldNetwork | undefined {
  const prefix = held(entries, prefixes);
  if (prefix === undefined) return undefined;
  const made = make(under(entries, prefix));
  return { ...made, parts: prefixed(prefix, made.parts) };
}

const unet = (entries: Entries): HeldNetwork | undefined =>
  network(entries, [UNET], (inside) => ({
    className: 'UNet2DConditionModel',
    config: unetConfig(inside),
    parts: same(unetNames(inside)),
  }));

const vae = (entries: Entries, scaling: LatentScaling): HeldNetwork | undefined =>
  network(entries, ['first_stage_model.', 'vae.'], (inside) => ({
    className: 'AutoencoderKL',
    config: autoencoderConfig(inside, scaling),
    parts: same(autoencoderNames(inside)),
  }));

/** Tensors that belong to no text encoder: a scale of scores, a mask. */
const NO_PARAMETER = /^(logit_scale|attn_mask|transformer\.text_model\.embeddings\.position_ids)$/;

/** A CLIP in either naming. `skipped` of its last layers are never used by the family. */
function clip(
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

const t5 = (entries: Entries, prefixes: readonly string[]): HeldNetwork | undefined =>
  network(entries, prefixes, (inside) => ({
    className: 'T5EncoderModel',
    config: t5Config(inside),
    parts: new Map([...inside.keys()].map((name) => [name, { from: name }])),
  }));

const END = '<|endoftext|>';
const clipTokenizer = (of: string, pad: string) => ({ of, pad, className: 'CLIPTokenizer' });
const t5Tokenizer = (of: string) => ({ of, className: 'T5TokenizerFast' });

/** The prediction that somebody named, here or in the file's header. */
function namedPrediction({ metadata, prediction }: CheckpointHints): Prediction | undefined {
  if (prediction !== undefined) return prediction;
  const said = metadata['modelspec.prediction_type'];
  return said === 'v' || said === 'v_prediction' ? 'v_prediction' : said === 'epsilon' ? 'epsilon' : undefined;
}

const MASKED_INPUTS = 9;
const inpaints = (network: HeldNetwork | undefined): boolean => network?.config.in_channels === MASKED_INPUTS;

const noChecker = { safety_checker: [null, null], feature_extractor: [null, null], requires_safety_checker: false };

function stableDiffusion1(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  const prediction = namedPrediction(hints) ?? 'epsilon';
  const denoiser = unet(entries);
  return {
    name: 'Stable Diffusion 1',
    pipeline: inpaints(denoiser) ? 'StableDiffusionInpaintPipeline' : 'StableDiffusionPipeline',
    settings: noChecker,
    networks: {
      text_encoder: clip(entries, ['cond_stage_model.transformer.', 'cond_stage_model.'], { projected: false }),
      unet: denoiser,
      vae: vae(entries, { scaling_factor: 0.18215 }),
    },
    optional: [],
    tokenizers: { tokenizer: clipTokenizer('text_encoder', END) },
    scheduler: pndm(prediction),
    prediction,
  };
}

/** The second layer from the end is read, so the last one is left out. */
const SKIPPED_BY_SD2 = 1;

function stableDiffusion2(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  // The files do not say which of both they predict; the larger models, which most are made of, predict velocity.
  const prediction = namedPrediction(hints) ?? (inpaints(unet(entries)) ? 'epsilon' : 'v_prediction');
  const denoiser = unet(entries);
  const sample = { sample_size: prediction === 'v_prediction' ? 96 : 64 };
  return {
    name: 'Stable Diffusion 2',
    pipeline: inpaints(denoiser) ? 'StableDiffusionInpaintPipeline' : 'StableDiffusionPipeline',
    settings: noChecker,
    networks: {
      text_encoder: clip(entries, ['cond_stage_model.model.'], { projected: false, skipped: SKIPPED_BY_SD2 }),
      unet: denoiser && { ...denoiser, config: { ...denoiser.config, ...sample } },
      vae: vae(entries, { scaling_factor: 0.18215 }),
    },
    optional: [],
    tokenizers: { tokenizer: clipTokenizer('text_encoder', '!') },
    scheduler: ddim(prediction),
    prediction,
  };
}

/** Keys without numbers by which trainers of SDXL mark what a model predicts. */
const [VELOCITY_KEY, ZERO_SIGNAL_KEY] = ['v_pred', 'ztsnr'];

function sdxl(entries: Entries, hints: CheckpointHints): CheckpointFamily {
  const isRefiner = has(entries, 'conditioner.embedders.0.model.transformer.');
  const prediction = namedPrediction(hints) ?? (entries.has(VELOCITY_KEY) ? 'v_prediction' : 'epsilon');
  const denoiser = unet(entries);
  const large = clip(entries, [`conditioner.embedders.${isRefiner ? 0 : 1}.model.`], { projected: true });
  const small = clip(entries, ['conditioner.embedders.0.transformer.'], { projected: false });
  const whole = inpaints(denoiser) ? 'StableDiffusionXLInpaintPipeline' : 'StableDiffusionXLPipeline';
  return {
    name: isRefiner ? 'SDXL refiner' : 'SDXL',
    pipeline: isRefiner ? 'StableDiffusionXLImg2ImgPipeline' : whole,
    settings: {
      feature_extractor: [null, null],
      force_zeros_for_empty_prompt: !isRefiner,
      ...(isRefiner
        ? { requires_aesthetics_score: true, text_encoder: [null, null], tokenizer: [null, null] }
        : {}),
    },
    networks: {
      ...(isRefiner ? {} : { text_encoder: small }),
      text_encoder_2: large,
      unet: denoiser && { ...denoiser, config: { ...denoiser.config, sample_size: 128 } },
      vae: vae(entries, { scaling_factor: 0.13025 }),
    },
    optional: [],
    tokenizers: {
      ...(isRefiner ? {} : { tokenizer: clipTokenizer('text_encoder', END) }),
      tokenizer_2: clipTokenizer('text_encoder_2', '!'),
    },
    scheduler: euler(prediction, entries.has(ZERO_SIGNAL_KEY)),
    prediction,
  };
}

function stableDiffusion3(entries: Entries): CheckpointFamily {
  const transformer = network(entries, [UNET, ''], (inside) => ({
    className: 'SD3Transformer2DModel',
    config: sd3Config(inside),
    parts: sd3Parts(inside),
  }));
  const isFirst = (transformer?.config.qk_norm ?? null) === null;
  return {
    name: isFirst ? 'Stable Diffusion 3' : 'Stable Diffusion 3.5',
    pipeline: 'StableDiffusion3Pipeline',
    settings: { feature_extractor: [null, null], image_encoder: [null, null] },
    networks: {
      text_encoder: clip(entries, ['text_encoders.clip_l.transformer.'], { projected: true }),
      text_encoder_2: clip(entries, ['text_encoders.clip_g.transformer.'], { projected: true }),
      text_encoder_3: t5(entries, ['text_encoders.t5xxl.transformer.']),
      transformer,
      vae: vae(entries, { scaling_factor: 1.5305, shift_factor: 0.0609 }),
    },
    optional: ['text_encoder_3'],
    tokenizers: {
      tokenizer: clipTokenizer('text_encoder', END),
      tokenizer_2: clipTokenizer('text_encoder_2', '!'),
      tokenizer_3: t5Tokenizer('text_encoder_3'),
    },
    scheduler: flow(3),
    prediction: 'flow',
  };
}

function flux(entries: Entries): CheckpointFamily {
  const transformer = network(entries, [UNET, ''], (inside) => ({
    className: 'FluxTransformer2DModel',
    config: fluxConfig(inside),
    parts: fluxParts(inside),
  }));
  const isGuided = transformer?.config.guidance_embeds === true;
  return {
    name: isGuided ? 'Flux.1 dev' : 'Flux.1 schnell',
    pipeline: 'FluxPipeline',
    settings: { feature_extractor: [null, null], image_encoder: [null, null] },
    networks: {
      text_encoder: clip(entries, ['text_encoders.clip_l.transformer.'], { projected: false }),
      text_encoder_2: t5(entries, ['text_encoders.t5xxl.transformer.']),
      transformer,
      vae: vae(entries, { scaling_factor: 0.3611, shift_factor: 0.1159 }),
    },
    optional: [],
    tokenizers: {
      tokenizer: clipTokenizer('text_encoder', END),
      tokenizer_2: t5Tokenizer('text_encoder_2'),
    },
    scheduler: isGuided ? dynamicFlow : flow(1),
    prediction: 'flow',
  };
}

const CONTEXT = `${UNET}input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight`;
/** Families whose files are known by one of their keys, in the order of diffusers' `infer_diffusers_model_type`. */
const unsupported: readonly (readonly [key: RegExp, name: string])[] = [
  [/^control_model\.|controlnet_cond_embedding\./, 'a ControlNet'],
  [/^(model\.diffusion_model\.)?single_stream_modulation\.lin\./, 'Flux.2'],
  [/^(model\.diffusion_model\.)?distilled_guidance_layer\./, 'Chroma'],
  [/^(model\.diffusion_model\.)?layers\.0\.adaLN_modulation\./, 'Z-Image'],
  [/\.lora_(down|up|A|B)\./, 'a LoRA'],
  [/^emb_params$|^string_to_param/, 'an embedding'],
];
const SUPPORTED = ['Stable Diffusion 1, 2, 3 and 3.5', 'SDXL', 'Flux.1', 'a tiny autoencoder'];

/**
 * The family of a checkpoint in one file, by the keys that diffusers' `infer_diffusers_model_type` looks for. Why: docs/decisions/0159.
 * @param operation names the file in errors
 * @returns undefined where the file holds no network of these families
 * @throws {LascauxError} naming a family that is known and not supported, or the tensor that a network lacks
 */
export function checkpointFamily(
  entries: Entries,
  operation: string,
  hints: CheckpointHints,
): CheckpointFamily | undefined {
  const names = [...entries.keys()];
  const other = unsupported.find(([key]) => names.some((name) => key.test(name)));
  if (other !== undefined)
    throw new LascauxError({
      operation,
      rule: `is ${other[1]}, which cannot be painted with by itself`,
      accepted: SUPPORTED,
      kind: 'usage',
    });
  if (has(entries, `${UNET}joint_blocks.0.`) || has(entries, 'joint_blocks.0.')) return stableDiffusion3(entries);
  if (has(entries, `${UNET}double_blocks.0.`) || has(entries, 'double_blocks.0.')) return flux(entries);
  if (!has(entries, `${UNET}input_blocks.`)) return undefined;
  if (has(entries, 'conditioner.embedders.')) return sdxl(entries, hints);
  const isSecond = has(entries, 'cond_stage_model.model.') || entries.get(CONTEXT)?.shape.at(-1) === 1024;
  return isSecond ? stableDiffusion2(entries, hints) : stableDiffusion1(entries, hints);
}
