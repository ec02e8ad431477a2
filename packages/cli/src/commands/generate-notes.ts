import { samplerChoice } from '@lascaux/diffusion';
import { readKnownWords, type ModelFolder } from '@lascaux/models';
import {
  defaultsOf,
  familyOf,
  schedulerConfigOf,
  unknownWords,
  unreadSyntax,
  type GenerateResult,
} from '@lascaux/pipeline';
import type { PictureSize, ResolvedOptions } from '@lascaux/pipeline/options';

/** The options that may ask for what a model does badly. */
interface DoubtfulOptions {
  readonly steps?: number;
  readonly sampler?: string;
  readonly width?: number;
  readonly height?: number;
}

/** What is known before painting to give bad images, though nothing is wrong with it. */
export function settingNotes(options: DoubtfulOptions, model: ModelFolder, size: PictureSize): string[] {
  const isSizeAsked = options.width !== undefined || options.height !== undefined;
  return [...(isSizeAsked ? sizeNotes(size, model) : []), ...heunNotes(options, model)];
}

/** Models of many shapes are trained at about one number of pixels; this much more or less is still theirs. */
const SAME_AREA = 1.5;

function sizeNotes({ width, height }: PictureSize, model: ModelFolder): string[] {
  const trained = defaultsOf(model);
  const area = (width * height) / (trained.width * trained.height);
  const isTrained =
    familyOf(model).trainedAt === 'one size'
      ? width === trained.width && height === trained.height
      : area <= SAME_AREA && area >= 1 / SAME_AREA;
  if (isTrained) return [];
  return [
    `${width}x${height}: ${model.name} was trained at ${trained.width}x${trained.height}; other sizes come out worse`,
  ];
}

/**
 * Steps from which Heun's method paints a cosine schedule well: that schedule begins with so much noise that the method, which looks a step
 * ahead, goes astray where the steps are few. Karras' and exponential spacing put more of them where it matters.
 */
const HEUN_STEPS = { even: 50, respaced: 20 };

function heunNotes({ sampler, steps }: DoubtfulOptions, model: ModelFolder): string[] {
  const config = schedulerConfigOf(model);
  const defaults = defaultsOf(model);
  const name = sampler ?? defaults.sampler;
  const choice = name === undefined ? { className: config._class_name, overrides: {} } : samplerChoice(name);
  const { use_karras_sigmas: karras, use_exponential_sigmas: exponential } = { ...config, ...choice.overrides };
  const needed = karras === true || exponential === true ? HEUN_STEPS.respaced : HEUN_STEPS.even;
  const given = steps ?? defaults.steps;
  const isAstray = config.beta_schedule === 'squaredcos_cap_v2' && given < needed;
  if (choice.className !== 'HeunDiscreteScheduler' || !isAstray) return [];
  const better = `${HEUN_STEPS.even} steps, or heun-karras with ${HEUN_STEPS.respaced}`;
  return [
    `--scheduler: heun in ${given} steps paints noise with the noise schedule of ${model.name}, as in diffusers; take ${better}`,
  ];
}

/** What of the prompts was not painted as it was written. */
export const promptNotes = ({ truncated, options }: GenerateResult): string[] => [
  ...truncationNotes(truncated),
  ...syntaxNotes(options),
];

const truncationNotes = ({ prompt, negativePrompt }: GenerateResult['truncated']): string[] =>
  Object.entries({ prompt, '--negative': negativePrompt }).flatMap(([name, tokens]) =>
    tokens > 0 ? [`${name}: ${tokens} tokens did not fit and were left out`] : [],
  );

const syntaxNotes = ({ prompt, negativePrompt, promptSyntax }: ResolvedOptions): string[] =>
  Object.entries(promptSyntax === 'plain' ? {} : { prompt, '--negative': negativePrompt }).flatMap(([name, text]) =>
    unreadSyntax(text).map((part) => `${name}: ${JSON.stringify(part)} is not understood and was read as words`),
  );

/** The words of the prompts that a model says it has not learned, each with a known one that is spelled almost alike. */
export async function wordNotes(
  { prompt, negativePrompt = '' }: { readonly prompt: string; readonly negativePrompt?: string },
  model: ModelFolder,
): Promise<string[]> {
  const words = await readKnownWords(model.path);
  if (words === undefined) return [];
  return Object.entries({ prompt, '--negative': negativePrompt }).flatMap(([name, text]) =>
    unknownWords(text, words).map(({ word, nearest }) => {
      const instead = nearest === undefined ? '' : ` (nearest: ${JSON.stringify(nearest)})`;
      return `${name}: ${JSON.stringify(word)} is not among the words this model learned${instead}`;
    }),
  );
}
