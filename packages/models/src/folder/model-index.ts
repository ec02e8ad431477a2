import { isSampler, samplerNames } from '@lascaux/diffusion';
import { LascauxError, pathIn } from '@lascaux/nn';
import { z } from 'zod';
import { SETTING_RANGES } from './setting-ranges.js';

/** A component's entry in `model_index.json`: library and class; both null for an absent component. */
const componentSchema = z.tuple([z.string().nullable(), z.string().nullable()]);

const whole = ({ minimum, maximum }: { minimum: number; maximum: number }) => z.int().min(minimum).max(maximum);
const side = whole(SETTING_RANGES.side);

/** Default settings that a model may recommend for itself under `_lascaux`; unknown keys are refused. */
const recommendationSchema = z.strictObject({
  steps: whole(SETTING_RANGES.steps).optional(),
  guidance: z.number().min(SETTING_RANGES.guidanceScale.minimum).max(SETTING_RANGES.guidanceScale.maximum).optional(),
  scheduler: z
    .string()
    .refine(isSampler, { error: `must be one of ${samplerNames.join(', ')}` })
    .optional(),
  /** Width and height in pixels, or one number for both. */
  size: z.union([side, z.tuple([side, side])]).optional(),
});

/** What a model recommends for itself: steps, guidance, scheduler and picture size. */
export type Recommendation = z.infer<typeof recommendationSchema>;

const indexSchema = z.looseObject({
  _class_name: z.string(),
  _lascaux: recommendationSchema.optional(),
  force_zeros_for_empty_prompt: z.boolean().nullish(),
  requires_aesthetics_score: z.boolean().nullish(),
});

/** `model_index.json` as far as it concerns us. */
export interface ModelIndex {
  /** The pipeline class that the model was made for, such as `StableDiffusionPipeline`. */
  className: string;
  recommendation: Recommendation;
  /** Class by component name, absent components left out. */
  components: Record<string, string>;
  /** SDXL: a missing negative prompt is zeros, not the embedding of an empty text. Default true, as in diffusers. */
  forceZerosForEmptyPrompt: boolean;
  /** SDXL's refiner: an aesthetic score takes the place of the target size. Default false. */
  requiresAestheticsScore: boolean;
}

/**
 * Reads the parsed JSON of `model_index.json`. Keys that begin with `_` are not components, values that are not pairs
 * are settings of the pipeline; both are tolerated.
 * @throws ZodError when `_class_name` is missing or `_lascaux` has a wrong or unknown key.
 */
export function parseModelIndex(json: unknown): ModelIndex {
  const index = indexSchema.parse(json);
  const components = Object.entries(index).flatMap(([name, value]) => {
    const component = name.startsWith('_') ? undefined : componentSchema.safeParse(value).data;
    return component?.[1] == null ? [] : [[name, component[1]] as const];
  });
  return {
    className: index._class_name,
    recommendation: index._lascaux ?? {},
    components: Object.fromEntries(components),
    forceZerosForEmptyPrompt: index.force_zeros_for_empty_prompt ?? true,
    requiresAestheticsScore: index.requires_aesthetics_score ?? false,
  };
}

/**
 * A UNet wins over a transformer, as in the reference reader; both are `[library, class]` entries of the index.
 * @throws LascauxError when there is neither
 */
export function denoiserFolderName(path: string, { components }: ModelIndex): 'unet' | 'transformer' {
  if (components.unet !== undefined) return 'unet';
  if (components.transformer !== undefined) return 'transformer';
  throw new LascauxError({
    operation: pathIn(path, 'model_index.json'),
    rule: 'must name a denoiser',
    value: Object.keys(components).join(', ') || 'no component',
    accepted: ['unet', 'transformer'],
  });
}
