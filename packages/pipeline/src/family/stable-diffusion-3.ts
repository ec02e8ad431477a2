import { embedRows, type EncoderUse } from './embed-rows.js';
import type { Family } from './family.js';
import { leadingFlowSteps, shiftForTokens } from './flow-plan-options.js';
import { mapLayout } from './layout.js';
import { pooledStates } from './pooled-states.js';
import { concat, padLast, zeros } from './tensors.js';

/** What diffusers gives T5. */
const T5_LENGTH = 256;
/** `joint_attention_dim` of the published models. */
const T5_WIDTH = 4096;
const T5_USE: EncoderUse = { component: 'text_encoder_3', state: 'last', long: false, skips: false };
const PATCH = 2;

/**
 * Stable Diffusion 3 (Esser et al. 2024): the penultimate states of two CLIPs side by side, padded to T5's width, then T5's
 * states, or zeros where T5 was left out; both pooled states. Cells go in as maps; the network cuts them into patches.
 */
export const stableDiffusion3: Family = {
  name: 'Stable Diffusion 3',
  texts: [
    { component: 'text_encoder' },
    { component: 'text_encoder_2' },
    { component: 'text_encoder_3', optional: true, maxLength: T5_LENGTH, cacheSize: 4 },
  ],
  inputs: ['encoder_hidden_states', 'pooled_projections'],
  defaults: { steps: 28, guidanceScale: 7, latentSide: 128 },
  trainedAt: 'many shapes',
  layout: { ...mapLayout, multiple: PATCH },
  hasDistilledGuidance: () => false,
  condition: async (call) => {
    const { text_encoder_3: t5 } = call.texts;
    const { embeddings, truncated } = await embedRows(call, [
      { component: 'text_encoder', state: 'inner' },
      { component: 'text_encoder_2', state: 'inner' },
      ...(t5 === undefined ? [] : [T5_USE]),
    ]);
    const [clipL = [], clipG = [], long] = embeddings;
    const joined = call.rows.map((_, row) => {
      const third =
        long?.[row]?.states ?? zeros([1, T5_LENGTH, call.model.denoiserConfig.joint_attention_dim ?? T5_WIDTH]);
      const clips = concat([clipL[row]!.states, clipG[row]!.states], -1);
      return concat([padLast(clips, third.dims[2]!), third], 1);
    });
    const pooled = [pooledStates(clipL, 'text_encoder'), pooledStates(clipG, 'text_encoder_2')];
    return { truncated, inputs: { encoder_hidden_states: concat(joined, 0), pooled_projections: concat(pooled, -1) } };
  },
  plan: ({ steps, scheduler, height, width }) => ({
    steps,
    ...shiftForTokens(scheduler, (height / PATCH) * (width / PATCH)),
  }),
  leadingSteps: leadingFlowSteps,
};
