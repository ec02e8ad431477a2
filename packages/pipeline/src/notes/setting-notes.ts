import { samplerChoice } from '@lascaux/diffusion';
import type { ModelFolder } from '@lascaux/models';
import { familyOf, schedulerConfigOf } from '../family/family-of.js';
import { defaultsOf } from '../generate/defaults.js';
import type { PictureSize } from '../options/value-types.js';
import type { CallNote } from './call-note.js';

/** The options that may ask for what a model does badly. */
export interface DoubtfulOptions {
  readonly steps?: number;
  readonly sampler?: string;
  readonly width?: number;
  readonly height?: number;
}

/**
 * What is known before painting to give bad images, though nothing is wrong with it.
 * @param options as the caller named them: a size that was not asked for is no doubtful one
 * @param size what is painted
 */
export function settingNotes(options: DoubtfulOptions, model: ModelFolder, size: PictureSize): CallNote[] {
  const isSizeAsked = options.width !== undefined || options.height !== undefined;
  return [...(isSizeAsked ? sizeNotes(size, model) : []), ...heunNotes(options, model)];
}

/** Models of many shapes are trained at about one number of pixels; this much more or less is still theirs. */
const SAME_AREA = 1.5;

function sizeNotes({ width, height }: PictureSize, model: ModelFolder): CallNote[] {
  const trained = defaultsOf(model);
  const area = (width * height) / (trained.width * trained.height);
  const isTrained =
    familyOf(model).trainedAt === 'one size'
      ? width === trained.width && height === trained.height
      : area <= SAME_AREA && area >= 1 / SAME_AREA;
  if (isTrained) return [];
  const text = `${width}x${height}: ${model.name} was trained at ${trained.width}x${trained.height}; other sizes come out worse`;
  return [{ text }];
}

/**
 * Steps from which Heun's method paints a cosine schedule well: that schedule begins with so much noise that the method, which looks a step
 * ahead, goes astray where the steps are few. Karras' and exponential spacing put more of them where it matters.
 */
const HEUN_STEPS = { even: 50, respaced: 20 };

function heunNotes({ sampler, steps }: DoubtfulOptions, model: ModelFolder): CallNote[] {
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
  const text = `heun in ${given} steps paints noise with the noise schedule of ${model.name}, as in diffusers; take ${better}`;
  return [{ option: 'sampler', text }];
}
