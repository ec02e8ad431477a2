import { Tensor } from 'onnxruntime-common';
import { embedRows } from './embed-rows.js';
import type { Family, PlanCall } from './family.js';
import { leadingFlowSteps, shiftForTokens } from './flow-plan-options.js';
import { packedLayout } from './layout.js';
import { pooledStates } from './pooled-states.js';
import { concat, zeros } from './tensors.js';

/** What diffusers gives T5. */
const T5_LENGTH = 512;
const FLOW_EULER = 'FlowMatchEulerDiscreteScheduler';

/**
 * Flux (Black Forest Labs 2024): T5's states, CLIP's pooled state, the place of every token, and, in guidance-distilled
 * models, the guidance. Cells go in as packed patches.
 */
export const flux: Family = {
  name: 'Flux',
  texts: [{ component: 'text_encoder' }, { component: 'text_encoder_2', maxLength: T5_LENGTH, cacheSize: 4 }],
  inputs: ['encoder_hidden_states', 'pooled_projections', 'guidance', 'txt_ids', 'img_ids'],
  defaults: { steps: 28, guidanceScale: 3.5, latentSide: 128 },
  trainedAt: 'many shapes',
  layout: packedLayout,
  hasDistilledGuidance: () => true,
  condition: async (call) => {
    const { embeddings, truncated } = await embedRows(call, [
      { component: 'text_encoder_2', state: 'last', long: false },
      { component: 'text_encoder', state: 'none', long: false },
    ]);
    const [t5 = [], clip = []] = embeddings;
    const text = concat(
      t5.map(({ states }) => states),
      0,
    );
    const { guidanceScale, width, height } = call.options;
    const patch = call.model.vaeConfig.spatialFactor * packedLayout.multiple;
    return {
      truncated,
      inputs: {
        encoder_hidden_states: text,
        pooled_projections: pooledStates(clip, 'text_encoder'),
        guidance: new Tensor('float32', new Float32Array(call.rows.length).fill(guidanceScale), [call.rows.length]),
        txt_ids: zeros([text.dims[1]!, 3]),
        img_ids: placeIds(height / patch, width / patch),
      },
    };
  },
  plan,
  leadingSteps: leadingFlowSteps,
};

/** [rows · columns, 3]: 0, row, column of every patch. */
function placeIds(rows: number, columns: number): Tensor {
  const ids = Array.from({ length: rows * columns }, (_, i) => [0, Math.floor(i / columns), i % columns]);
  return new Tensor('float32', Float32Array.from(ids.flat()), [rows * columns, 3]);
}

/** Even sigmas 1, 1 − 1/n … 1/n, which the scheduler then shifts; other solvers make their own. */
function plan({ steps, scheduler, height, width }: PlanCall) {
  const shift = shiftForTokens(scheduler, (height * width) / packedLayout.multiple ** 2);
  if (scheduler.className !== FLOW_EULER) return { steps, ...shift };
  return {
    sigmas: Array.from({ length: steps }, (_, i) => 1 - (i * (1 - 1 / steps)) / Math.max(1, steps - 1)),
    ...shift,
  };
}
