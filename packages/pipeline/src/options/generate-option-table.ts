import { isSampler, samplerNames, type SamplerLabel } from '@lascaux/diffusion';
import { SETTING_RANGES } from '@lascaux/models/naming';
import type { PromptSyntax } from '@lascaux/text-encoder';
import { z } from 'zod';
import { isMask, isPicture, type Mask, type Picture } from '../image/picture.js';
import type { FamilyName } from './family-name.js';
import type { GenerateDefaults } from './generate-defaults.js';
import { number, oneOf, place, share, size, text, whole, type PictureSize, type ValueType } from './value-types.js';

/** What a default may depend on: the model's own settings, and what a call starts from. */
export interface DefaultContext {
  readonly model: GenerateDefaults;
  readonly image?: unknown;
  readonly mask?: unknown;
}

/** What is known of an option besides the values that it has. */
interface Facts {
  /** What it does, in a line of a help text; a default that depends on something is named there. */
  readonly help: string;
  /** The families of models for which it has a meaning; default: all. */
  readonly families?: readonly FamilyName[];
  /** The option without which it has no meaning. */
  readonly needs?: 'image';
  /** Its name in the settings text of an image, AUTOMATIC1111's where there is one; default: it is not in that text. */
  readonly parameter?: string;
}

/** What depends on the values. */
interface Description<Value> extends Facts {
  /** What a call takes that does not name it. Without one, the option stays unset. */
  readonly default?: Value | ((context: DefaultContext) => Value | undefined);
  /** Its value in the settings text, undefined to leave it out. Default: the value itself, unless it is the default. */
  readonly parameterValue?: (value: Value, image: PictureSize) => string | number | undefined;
}

const option = <Type extends ValueType, Row extends Description<z.infer<Type['schema']>>>(
  type: Type,
  description: Row,
): Type & Row => ({ ...type, ...description });

const sizeText = ({ width, height }: PictureSize): string => `${width}x${height}`;

/** A sampler by one of its names. */
const sampler: ValueType<SamplerLabel> = {
  schema: z.string().refine(isSampler),
  rule: 'must be a known sampler',
  accepted: samplerNames,
  placeholder: 'name',
  fromText: (written: string) => written,
};

/** What lies in a file: no text and no JSON holds it. */
type BytesType<Value> = ValueType<Value> & { readonly isBytes: true };

const picture: BytesType<Picture> = {
  schema: z.custom<Picture>(isPicture),
  rule: 'must be an image: { pixels, width, height }',
  placeholder: 'file',
  isBytes: true,
};

const mask: BytesType<Mask> = {
  schema: z.custom<Mask>(isMask),
  rule: 'must be a mask: { values, width, height }',
  placeholder: 'file',
  isBytes: true,
};

const PROMPT_SYNTAXES = ['a1111', 'plain'] as const satisfies readonly PromptSyntax[];

/**
 * Every option of a call of `generate`. A new one is a row here, and the code that does what it asks for: types, checks, messages, help, settings
 * in image files and schemas follow from the rows. They stand in the order in which a settings text has them. Why: docs/decisions/0147.
 */
export const GENERATE_OPTIONS = {
  /** What to paint. */
  prompt: option(text, { help: 'what to paint' }),
  /** What to steer away from; only used under guidance. Default: nothing. */
  negativePrompt: option(text, { help: 'what to steer away from', default: '' }),
  /** Sampling steps. Default: the model's. */
  steps: option(whole(SETTING_RANGES.steps), {
    help: "sampling steps (default: the model's)",
    default: ({ model }) => model.steps,
    parameter: 'Steps',
  }),
  /** A sampler's name. Default: that of the model's scheduler configuration. */
  sampler: option(sampler, {
    help: `sampler: ${samplerNames.join(', ')} (default: the model's)`,
    default: ({ model }) => model.sampler,
    parameter: 'Sampler',
  }),
  /** w in uncond + w·(cond − uncond); 1 and below: off, the network sees the prompt alone. Default: the model's. */
  guidanceScale: option(number(SETTING_RANGES.guidanceScale), {
    help: "guidance scale, 1 is off (default: the model's)",
    default: ({ model }) => model.guidanceScale,
    parameter: 'CFG scale',
  }),
  /** Seed of the first image, 0 … 2⁵³ − 1; image k has seed + k. −1 draws one. Default 0. */
  seed: option(whole({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER }), {
    help: 'seed of the first picture; -1 draws one',
    default: 0,
    parameter: 'Seed',
    parameterValue: (seed) => seed,
  }),
  /** Pixels; a multiple of the autoencoder's factor. Default: the image's to start from, else the model's. */
  width: option(whole(SETTING_RANGES.side), {
    help: "pixels (default: the model's)",
    default: ({ model }) => model.width,
    parameter: 'Size',
    parameterValue: (_, image) => sizeText(image),
  }),
  /** Pixels, as `width`. */
  height: option(whole(SETTING_RANGES.side), {
    help: "pixels (default: the model's)",
    default: ({ model }) => model.height,
  }),
  /** The image to start from, of the size that is painted. */
  image: option(picture, { help: 'picture to start from' }),
  /** How far back towards noise to go, above 0 and up to 1. Default 0.8, with a mask 1. */
  strength: option(share, {
    help: 'how much of it to repaint, up to 1 (default: 0.8, with a mask 1)',
    default: ({ image, mask: kept }) => (image === undefined ? undefined : kept === undefined ? 0.8 : 1),
    needs: 'image',
    parameter: 'Denoising strength',
  }),
  /** Where to repaint the image, of its size. */
  mask: option(mask, { help: 'where to repaint it: white', needs: 'image' }),
  /** AUTOMATIC1111's number: 1 takes the text encoder's last layer (as the family does), 2 the one before … Default 1. */
  clipSkip: option(whole({ minimum: 1, maximum: 12 }), {
    help: "which of the text encoder's last layers to take, counted as AUTOMATIC1111 does",
    default: 1,
    families: ['Stable Diffusion', 'Stable Diffusion XL', 'Stable Diffusion 3'],
    parameter: 'Clip skip',
  }),
  /** φ, 0 … 1: how far the deviation of the guided output is drawn back to the unguided one's (Lin et al. 2023). Default 0. */
  guidanceRescale: option(number({ minimum: 0, maximum: 1 }), {
    help: 'how far to undo what guidance does to contrast, 0 to 1',
    default: 0,
    parameter: 'Guidance rescale',
  }),
  /** `a1111` (default): weights such as `(word:1.2)`, BREAK, prompts of any length; `plain`: every character as it is, cut to one sequence. */
  promptSyntax: option(oneOf(PROMPT_SYNTAXES), {
    help: `${PROMPT_SYNTAXES.join(', ')}: weights such as (word:1.2), BREAK and long prompts, or every character as it is`,
    default: 'a1111',
    // AUTOMATIC1111's name for brackets that are ordinary characters
    parameter: 'Emphasis',
    parameterValue: (syntax) => (syntax === 'plain' ? 'None' : undefined),
  }),
  /** SDXL: the size of the image that the painted one pretends to come from. Default: the painted size. */
  originalSize: option(size, {
    help: 'SDXL: size of the picture that it pretends to come from',
    families: ['Stable Diffusion XL'],
    parameter: 'Original size',
    parameterValue: sizeText,
  }),
  /** SDXL: where it pretends to be cut out of it. Default: 0, 0. */
  cropTopLeft: option(place, {
    help: 'SDXL: left and top of where it pretends to be cut out',
    families: ['Stable Diffusion XL'],
    parameter: 'Crop',
    parameterValue: ({ left, top }) => `${left}x${top}`,
  }),
  /** SDXL: the size it pretends to have. Default: the painted size. */
  targetSize: option(size, {
    help: 'SDXL: size that it pretends to have',
    families: ['Stable Diffusion XL'],
    parameter: 'Target size',
    parameterValue: sizeText,
  }),
  /** Number of images. Default 1. */
  count: option(whole({ minimum: 1, maximum: 10_000 }), { help: 'pictures, of seeds N, N+1 …', default: 1 }),
} as const;

/** A row of {@link GENERATE_OPTIONS}, whatever its values are. */
export interface GenerateOption extends ValueType, Facts {
  readonly default?: unknown;
  readonly parameterValue?: (value: never, image: PictureSize) => string | number | undefined;
  readonly isBytes?: true;
}

/** The name of an option of `generate`. */
export type GenerateOptionName = keyof typeof GENERATE_OPTIONS;

/** The rows with their names, in order. */
export const generateOptions = Object.entries(GENERATE_OPTIONS) as readonly (readonly [
  GenerateOptionName,
  GenerateOption,
])[];
