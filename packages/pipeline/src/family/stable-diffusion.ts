import { beginForStrength } from '@lascaux/diffusion/schedule';
import { embedRows } from './embed-rows.js';
import type { Family } from './family.js';
import { distilledGuidance } from './guidance-embedding.js';
import { latentSchedulerConfig } from './latent-scheduler.js';
import { mapLayout } from './layout.js';
import { concat } from './tensors.js';

/** Stable Diffusion 1 and 2, with or without latent consistency: one text encoder, its last states (Rombach et al. 2022). */
export const stableDiffusion: Family = {
  name: 'Stable Diffusion',
  texts: [{ component: 'text_encoder' }],
  inputs: ['encoder_hidden_states', 'timestep_cond'],
  defaults: { steps: 50, guidanceScale: 7.5, latentSide: 64 },
  trainedAt: 'one size',
  layout: mapLayout,
  hasDistilledGuidance: ({ shapeOf }) => shapeOf('timestep_cond') !== undefined,
  condition: async (call) => {
    const { embeddings, truncated } = await embedRows(call, [{ component: 'text_encoder', state: 'last' }]);
    const [text = []] = embeddings;
    const inputs = {
      encoder_hidden_states: concat(
        text.map(({ states }) => states),
        0,
      ),
      ...distilledGuidance(call),
    };
    return { inputs, truncated };
  },
  plan: ({ steps }) => ({ steps }),
  schedulerConfig: latentSchedulerConfig,
  leadingSteps: beginForStrength,
};
