import { samplerChoice, samplerNames, type SamplerLabel } from '@lascaux/diffusion';
import { SETTING_RANGES } from '@lascaux/models/naming';
import { LascauxError, check } from '@lascaux/nn';
import type { PromptSyntax } from '@lascaux/text-encoder';

/** Options of one call of `generate`; what is left out comes from the model. */
export interface GenerateOptions {
  /** What to paint. */
  readonly prompt: string;
  /** What to steer away from; only used under guidance. Default: nothing. */
  readonly negativePrompt?: string;
  /** Seed of the first image, 0 … 2⁵³ − 1; image k has seed + k. Default 0. */
  readonly seed?: number;
  /** Sampling steps. */
  readonly steps?: number;
  /** w in uncond + w·(cond − uncond); 1 and below: off, the network sees the prompt alone. */
  readonly guidanceScale?: number;
  /** φ, 0 … 1: how far the deviation of the guided output is drawn back to the unguided one's (Lin et al. 2023). Default 0. */
  readonly guidanceRescale?: number;
  /** AUTOMATIC1111's number: 1 takes the text encoder's last layer (as the family does), 2 the one before … Default 1. */
  readonly clipSkip?: number;
  /** `a1111` (default): weights such as `(word:1.2)`, BREAK, prompts of any length; `plain`: every character as it is, cut to one sequence. */
  readonly promptSyntax?: PromptSyntax;
  /** SDXL: the size of the picture that the painted one pretends to come from. Default: the painted size. */
  readonly originalSize?: PictureSize;
  /** SDXL: where it pretends to be cut out of it. Default: 0, 0. */
  readonly cropTopLeft?: { readonly top: number; readonly left: number };
  /** SDXL: the size it pretends to have. Default: the painted size. */
  readonly targetSize?: PictureSize;
  /** A sampler's name; by default the one of the model's scheduler configuration. */
  readonly scheduler?: SamplerLabel;
  /** Pixels; a multiple of the autoencoder's factor. */
  readonly width?: number;
  readonly height?: number;
  /** Number of images. Default 1. */
  readonly count?: number;
}

/** The settings a model paints with when the caller says nothing. */
export interface GenerateDefaults {
  readonly steps: number;
  readonly guidanceScale: number;
  /** A sampler's name; undefined for the one in the model's own scheduler configuration. */
  readonly scheduler: string | undefined;
  readonly width: number;
  readonly height: number;
}

/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

type SizeOptions = Pick<GenerateOptions, 'originalSize' | 'cropTopLeft' | 'targetSize'>;

/** Options of a call with every default filled in; sizes for SDXL only where they were given. */
export type ResolvedOptions = Required<Omit<GenerateOptions, 'scheduler' | keyof SizeOptions>> &
  SizeOptions & {
    readonly scheduler: string | undefined;
    /** How far back towards noise a picture was taken; undefined where there was none. */
    readonly strength?: number;
  };

/** The ways of reading a prompt; named here, since whoever only checks options needs no runtime. */
export const PROMPT_SYNTAXES = ['a1111', 'plain'] as const satisfies readonly PromptSyntax[];

/** What each number may be; both ends are accepted. */
export const OPTION_RANGES = {
  seed: { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  steps: SETTING_RANGES.steps,
  guidance: SETTING_RANGES.guidanceScale,
  'guidance-rescale': { minimum: 0, maximum: 1 },
  'clip-skip': { minimum: 1, maximum: 12 },
  width: SETTING_RANGES.side,
  height: SETTING_RANGES.side,
  count: { minimum: 1, maximum: 10_000 },
} as const;

/** Makes the name of an option for an error: `--width` on the command line, `generate: width` in the library. */
export type OptionNamer = (option: string) => string;

const libraryName: OptionNamer = (option) => `generate: ${option}`;

/** What a model's graphs allow: sizes in multiples, up to some size, or only one size. */
export interface SizeRules {
  readonly multiple: number;
  readonly largest?: number;
  readonly fixedWidth?: number;
  readonly fixedHeight?: number;
}

/**
 * Fills in a call's defaults and checks every value.
 * @throws LascauxError (usage) naming the option, the value and what is accepted.
 */
export function resolveOptions(
  options: GenerateOptions,
  defaults: GenerateDefaults,
  sizes: SizeRules,
): ResolvedOptions {
  const { prompt, negativePrompt = '', seed = 0, count = 1 } = options;
  const { steps = defaults.steps, guidanceScale = defaults.guidanceScale, scheduler = defaults.scheduler } = options;
  const { width = defaults.width, height = defaults.height } = options;
  const { guidanceRescale = 0, clipSkip = 1, promptSyntax = 'a1111', originalSize, cropTopLeft, targetSize } = options;
  check(typeof prompt === 'string', {
    operation: libraryName('prompt'),
    rule: 'must be a text',
    value: prompt,
    kind: 'usage',
  });
  checkWhole('seed', seed);
  checkWhole('steps', steps);
  checkWhole('count', count);
  check(seed + (count - 1) <= OPTION_RANGES.seed.maximum, {
    operation: libraryName('seed'),
    rule: 'every image must have a seed below 2^53',
    value: seed,
    kind: 'usage',
  });
  checkRange('guidance', guidanceScale);
  checkRange('guidance-rescale', guidanceRescale);
  checkWhole('clip-skip', clipSkip);
  check(PROMPT_SYNTAXES.includes(promptSyntax), {
    operation: libraryName('promptSyntax'),
    rule: 'must be a known syntax',
    value: promptSyntax,
    accepted: PROMPT_SYNTAXES,
    kind: 'usage',
  });
  for (const [name, size] of Object.entries({ originalSize, cropTopLeft, targetSize })) checkPretendedSize(name, size);
  checkSize({ width, height }, sizes);
  if (scheduler !== undefined) checkScheduler(scheduler);
  return {
    prompt,
    negativePrompt,
    seed,
    steps,
    guidanceScale,
    guidanceRescale,
    clipSkip,
    promptSyntax,
    scheduler,
    width,
    height,
    count,
    ...(originalSize === undefined ? {} : { originalSize }),
    ...(cropTopLeft === undefined ? {} : { cropTopLeft }),
    ...(targetSize === undefined ? {} : { targetSize }),
  };
}

/** Numbers that SDXL is told: finite and not negative, of any size. */
function checkPretendedSize(option: string, size: object | undefined): void {
  for (const value of Object.values(size ?? {})) {
    check(typeof value === 'number' && value >= 0 && Number.isFinite(value), {
      operation: libraryName(option),
      rule: 'must be two numbers of at least 0',
      value: String(value),
      kind: 'usage',
    });
  }
}

/**
 * Checks that a model can paint a picture of this size.
 * @throws LascauxError (usage) naming width or height.
 */
export function checkSize(
  size: { readonly width: number; readonly height: number },
  { multiple, largest, fixedWidth, fixedHeight }: SizeRules,
  nameOf: OptionNamer = libraryName,
): void {
  const sides = [
    { option: 'width', value: size.width, fixed: fixedWidth },
    { option: 'height', value: size.height, fixed: fixedHeight },
  ] as const;
  for (const { option, value, fixed } of sides) {
    checkWhole(option, value, nameOf);
    const facts = { operation: nameOf(option), value, kind: 'usage' } as const;
    check(value % multiple === 0, {
      ...facts,
      rule: `must be a multiple of ${multiple} for this model`,
      accepted: nearestMultiples(value, multiple).map(String),
    });
    check(largest === undefined || value <= largest, { ...facts, rule: `must be at most ${largest} for this model` });
    check(fixed === undefined || value === fixed, {
      ...facts,
      rule: 'this model paints one size',
      accepted: String(fixed),
    });
  }
}

/**
 * Checks a sampler's name.
 * @throws LascauxError (usage) with the list of names.
 */
export function checkScheduler(name: string, nameOf: OptionNamer = libraryName): void {
  try {
    samplerChoice(name);
  } catch (cause) {
    throw new LascauxError({
      operation: nameOf('scheduler'),
      rule: 'must be a known sampler',
      value: name,
      accepted: samplerNames,
      kind: 'usage',
      cause,
    });
  }
}

function checkRange(option: keyof typeof OPTION_RANGES, value: number, nameOf: OptionNamer = libraryName): void {
  const { minimum, maximum } = OPTION_RANGES[option];
  check(value >= minimum && value <= maximum, {
    operation: nameOf(option),
    rule: `must be a number from ${minimum} to ${maximum}`,
    value,
    kind: 'usage',
  });
}

function checkWhole(option: keyof typeof OPTION_RANGES, value: number, nameOf: OptionNamer = libraryName): void {
  checkRange(option, value, nameOf);
  check(Number.isSafeInteger(value), {
    operation: nameOf(option),
    rule: 'must be a whole number',
    value,
    kind: 'usage',
  });
}

/** The accepted sizes below and above. */
function nearestMultiples(value: number, multiple: number): number[] {
  const below = Math.floor(value / multiple) * multiple;
  return [below, below + multiple].filter((size) => size > 0 && size <= OPTION_RANGES.width.maximum);
}
