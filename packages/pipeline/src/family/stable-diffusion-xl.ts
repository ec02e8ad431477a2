import type { Tensor } from 'onnxruntime-common';
import { embedRows, type EncoderUse } from './embed-rows.js';
import type { ConditioningCall, Family } from './family.js';
import { distilledGuidance } from './guidance-embedding.js';
import { pooledStates } from './pooled-states.js';
import { stableDiffusion } from './stable-diffusion.js';
import { concat, rowsOf, zeros } from './tensors.js';

/** What the refiner is told of a picture's beauty: the prompt's and the negative prompt's (diffusers' defaults). */
const AESTHETIC_SCORE = 6;
const NEGATIVE_AESTHETIC_SCORE = 2.5;

/**
 * SDXL (Podell et al. 2023): the penultimate states of one or two text encoders side by side, the pooled state of the
 * second, and sizes. The refiner has only the second encoder and an aesthetic score in place of the target size.
 */
export const stableDiffusionXl: Family = {
  ...stableDiffusion,
  name: 'Stable Diffusion XL',
  trainedAt: 'many shapes',
  schedulerConfig: undefined,
  texts: [{ component: 'text_encoder', optional: true }, { component: 'text_encoder_2' }],
  inputs: ['encoder_hidden_states', 'text_embeds', 'time_ids', 'timestep_cond'],
  defaults: { steps: 50, guidanceScale: 5, latentSide: 128 },
  condition: async (call) => {
    const uses = (['text_encoder', 'text_encoder_2'] as const)
      .filter((component) => call.texts[component] !== undefined)
      .map((component): EncoderUse => ({ component, state: 'inner' }));
    const { embeddings, truncated } = await embedRows(call, uses);
    const zeroed = call.rows.map(({ absent }) => absent && call.model.index.forceZerosForEmptyPrompt);
    const join = (pick: (row: number) => Tensor): Tensor =>
      concat(
        zeroed.map((isZero, row) => (isZero ? zeros(pick(row).dims) : pick(row))),
        0,
      );
    return {
      truncated,
      inputs: {
        encoder_hidden_states: join((row) =>
          concat(
            embeddings.map((ofRows) => ofRows[row]!.states),
            -1,
          ),
        ),
        text_embeds: join((row) => pooledStates([embeddings.at(-1)![row]!], 'text_encoder_2')),
        time_ids: rowsOf(call.rows.map((_, k) => timeIds(call, k === call.rows.length - 1))),
        ...distilledGuidance(call),
      },
    };
  },
};

/** [original height, width, crop top, left, target height, width], the last two replaced by a score for the refiner. */
function timeIds({ options, model }: ConditioningCall, isPrompt: boolean): number[] {
  const { width, height, originalSize = { width, height }, targetSize = { width, height } } = options;
  const { cropTopLeft: crop = { top: 0, left: 0 } } = options;
  const ids = [originalSize.height, originalSize.width, crop.top, crop.left];
  if (model.index.requiresAestheticsScore) return [...ids, isPrompt ? AESTHETIC_SCORE : NEGATIVE_AESTHETIC_SCORE];
  return [...ids, targetSize.height, targetSize.width];
}
