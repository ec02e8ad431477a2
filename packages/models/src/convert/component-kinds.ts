import { LascauxError, type Program } from '@lascaux/nn';
import {
  autoencoderDCConfig,
  autoencoderKLConfig,
  autoencoderTinyConfig,
  clipTextConfig,
  clipTextProgram,
  clipTextWithProjectionProgram,
  clipVisionConfig,
  clipVisionProgram,
  dcDecoderProgram,
  dcEncoderProgram,
  ditConfig,
  ditProgram,
  fluxTransformerConfig,
  fluxTransformerProgram,
  pixArtConfig,
  pixArtProgram,
  sd3TransformerConfig,
  sd3TransformerProgram,
  t5Config,
  t5EncoderProgram,
  tinyDecoderProgram,
  tinyEncoderProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One graph of a component. */
export interface ComponentGraph {
  /** What the component's folder name gets at its end: an autoencoder `vae` becomes `vae_encoder` and `vae_decoder`. */
  readonly suffix: string;
  readonly program: Program;
  /** Keys that its `config.json` gets besides those of the checkpoint. */
  readonly facts?: JsonObject;
}

/** What a pipeline says that a component's own config does not. */
export interface PipelineFacts {
  /** Class of the pipeline; undefined for a component alone. */
  readonly className?: string;
  /** Whether `time_ids` end in an aesthetic score instead of a target size: 5 numbers instead of 6. */
  readonly aesthetics?: boolean;
}

/** How components of one class are converted. */
export interface ComponentKind {
  /** Name of the weights file that Python's libraries look for. */
  readonly weightsFile: string;
  /** Tensors of a checkpoint that this network has no use for. */
  readonly ignored?: RegExp;
  /** The graphs of a config. @throws {LascauxError} naming what the network does not support */
  readonly graphs: (config: JsonObject, facts: PipelineFacts) => readonly ComponentGraph[];
}

const DIFFUSERS_WEIGHTS = 'diffusion_pytorch_model.safetensors';
const TRANSFORMERS_WEIGHTS = 'model.safetensors';

const free = { batch: 'batch', height: 'height', width: 'width' };
/** Longest prompts of the pipelines with a T5 encoder, by diffusers' defaults. */
const t5Tokens: Readonly<Record<string, number>> = {
  PixArtAlphaPipeline: 120,
  PixArtSigmaPipeline: 300,
  StableDiffusion3Pipeline: 256,
};
const MOST_T5_TOKENS = 512;

/** Buffers, and the other half of a whole CLIP. */
const notOfText = /(^|\.)position_ids$|^logit_scale$|^vision_model\.|^visual_projection\./;
const notOfVision = /(^|\.)position_ids$|^logit_scale$|^text_model\.|^text_projection\./;

const unet: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json, { aesthetics = false }) => [
    {
      suffix: '',
      program: unetProgram(unet2DConditionConfig(json), { ...free, tokens: 'tokens', timeIds: aesthetics ? 5 : 6 }),
      // Our graphs take latents of any height and width, which other exporters' graphs do not.
      facts: { _lascaux: { latent_multiple: 1 } },
    },
  ],
};

const autoencoder: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json) => [
    { suffix: '_encoder', program: vaeEncoderProgram(autoencoderKLConfig(json), free) },
    { suffix: '_decoder', program: vaeDecoderProgram(autoencoderKLConfig(json), free) },
  ],
};

const tinyAutoencoder: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json) => [
    { suffix: '_encoder', program: tinyEncoderProgram(autoencoderTinyConfig(json), free) },
    { suffix: '_decoder', program: tinyDecoderProgram(autoencoderTinyConfig(json), free) },
  ],
};

const dcAutoencoder: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json) => [
    { suffix: '_encoder', program: dcEncoderProgram(autoencoderDCConfig(json), free) },
    { suffix: '_decoder', program: dcDecoderProgram(autoencoderDCConfig(json), free) },
  ],
};

const pixArt: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  ignored: /^pos_embed\.pos_embed$/,
  graphs: (json) => {
    const config = pixArtConfig(json);
    const { sample_size: side } = config;
    const axes = { batch: 'batch', height: side, width: side, tokens: 'tokens', masked: true };
    return [{ suffix: '', program: pixArtProgram(config, axes), facts: { _lascaux: { latent_size: side } } }];
  },
};

const dit: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  ignored: /^pos_embed\.pos_embed$/,
  graphs: (json) => {
    const config = ditConfig(json);
    const { sample_size: side } = config;
    const program = ditProgram(config, { batch: 'batch', height: side, width: side });
    return [{ suffix: '', program, facts: { _lascaux: { latent_size: side } } }];
  },
};

const sd3: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json) => [
    { suffix: '', program: sd3TransformerProgram(sd3TransformerConfig(json), { ...free, tokens: 'tokens' }) },
  ],
};

const flux: ComponentKind = {
  weightsFile: DIFFUSERS_WEIGHTS,
  graphs: (json) => [
    {
      suffix: '',
      program: fluxTransformerProgram(fluxTransformerConfig(json), {
        batch: 'batch',
        patches: 'patches',
        tokens: 'tokens',
      }),
    },
  ],
};

/** Every class that can be converted; a new network is one more entry. */
const componentKinds: Readonly<Record<string, ComponentKind>> = {
  UNet2DConditionModel: unet,
  AutoencoderKL: autoencoder,
  AutoencoderTiny: tinyAutoencoder,
  AutoencoderDC: dcAutoencoder,
  CLIPTextModel: {
    weightsFile: TRANSFORMERS_WEIGHTS,
    ignored: new RegExp(`${notOfText.source}|^text_projection\\.`),
    graphs: (json) => [
      { suffix: '', program: clipTextProgram(clipTextConfig(json), { batch: 'batch', hiddenStates: true }) },
    ],
  },
  CLIPTextModelWithProjection: {
    weightsFile: TRANSFORMERS_WEIGHTS,
    ignored: notOfText,
    graphs: (json) => [
      {
        suffix: '',
        program: clipTextWithProjectionProgram(clipTextConfig(json), { batch: 'batch', hiddenStates: true }),
      },
    ],
  },
  CLIPVisionModelWithProjection: {
    weightsFile: TRANSFORMERS_WEIGHTS,
    ignored: notOfVision,
    graphs: (json) => [{ suffix: '', program: clipVisionProgram(clipVisionConfig(json), { batch: 'batch' }) }],
  },
  T5EncoderModel: {
    weightsFile: TRANSFORMERS_WEIGHTS,
    ignored: /^decoder\.|^lm_head\.|^encoder\.embed_tokens\./,
    graphs: (json, { className = '' }) => {
      const tokens = t5Tokens[className] ?? MOST_T5_TOKENS;
      // PixArt's pipelines tell T5 which tokens are padding; those of SD 3 and Flux do not.
      const masked = className.startsWith('PixArt');
      return [{ suffix: '', program: t5EncoderProgram(t5Config(json), { batch: 'batch', tokens, masked }) }];
    },
  },
  PixArtTransformer2DModel: pixArt,
  DiTTransformer2DModel: dit,
  SD3Transformer2DModel: sd3,
  FluxTransformer2DModel: flux,
};

/** Classes that can be converted. */
const convertibleClasses: readonly string[] = Object.keys(componentKinds);

/** Both kinds of transformer had this class before diffusers 0.29, and are told apart by their norm. */
const OLD_TRANSFORMER = 'Transformer2DModel';
const byNorm: Readonly<Record<string, ComponentKind>> = { ada_norm_single: pixArt, ada_norm_zero: dit };

/** How a component of this class is converted. @throws {LascauxError} listing the classes that can be */
export function componentKind(className: string, config: JsonObject, operation: string): ComponentKind {
  const kind =
    className === OLD_TRANSFORMER
      ? byNorm[String(config.norm_type)]
      : Object.hasOwn(componentKinds, className) && componentKinds[className];
  if (kind === undefined || kind === false)
    throw new LascauxError({
      operation,
      rule: 'this class of network cannot be converted',
      value: className,
      accepted: convertibleClasses,
    });
  return kind;
}
