import { beginForStrength } from '@lascaux/diffusion/schedule';
import type { ModelFolder } from '@lascaux/models';
import { attentionMask, type PromptTokens, type TextEncoder, type TextTokenizer } from '@lascaux/text-encoder';
import type { Tensor } from 'onnxruntime-common';
import { embedRows } from './embed-rows.js';
import type { ConditioningCall, Family, TextEncoders } from './family.js';
import { withoutVariance } from './layout.js';
import { concat, rowsOf } from './tensors.js';

/** Tokens that diffusers gives T5: PixArt-α's pipeline 120, PixArt-Σ's 300. */
const ALPHA_LENGTH = 120;
const SIGMA_LENGTH = 300;
const SIGMA_PIPELINE = 'PixArtSigmaPipeline';

/**
 * PixArt-α and PixArt-Σ (Chen et al. 2023, 2024) by their text encoder: T5, whose padding nobody reads, or a CLIP, all of
 * whose tokens are read. Networks for 1024 pixels are told the picture's size; a predicted variance is left out.
 */
export function pixArtOf({ index: { className, components } }: ModelFolder): Family {
  if (components.text_encoder?.startsWith('CLIP') === true) return withClip;
  return className === SIGMA_PIPELINE ? sigma : alpha;
}

const common: Omit<Family, 'texts' | 'condition'> = {
  name: 'PixArt',
  inputs: ['encoder_hidden_states', 'encoder_attention_mask', 'resolution', 'aspect_ratio'],
  defaults: { steps: 20, guidanceScale: 4.5, latentSide: 128 },
  trainedAt: 'one size',
  layout: withoutVariance,
  hasDistilledGuidance: () => false,
  plan: ({ steps }) => ({ steps }),
  // The published solver knows no clipping; other samplers' default for it is that of pixels, and latents have no bounds.
  schedulerConfig: (config) => ({ clip_sample: false, ...config }),
  leadingSteps: beginForStrength,
};

const withClip: Family = {
  ...common,
  texts: [{ component: 'text_encoder' }],
  condition: async (call) => {
    const { embeddings, truncated } = await embedRows(call, [{ component: 'text_encoder', state: 'last' }]);
    const text = joined(embeddings[0]!.map(({ states }) => states));
    const [rows = 0, tokens = 0] = text.dims;
    const mask = rowsOf(Array.from({ length: rows }, () => new Array<number>(tokens).fill(1)));
    return { truncated, inputs: { ...sizesOf(call), encoder_hidden_states: text, encoder_attention_mask: mask } };
  },
};

const withT5 = (maxLength: number): Family => ({
  ...common,
  texts: [{ component: 'text_encoder', maxLength, cacheSize: 4, attendPadding: false }],
  condition: async (call) => {
    const texts = withLowerCase(call.texts);
    const uses = [{ component: 'text_encoder', state: 'last', long: false }] as const;
    const { embeddings, tokens, truncated } = await embedRows({ ...call, texts }, uses);
    const { tokenizer } = texts.text_encoder;
    return {
      truncated,
      inputs: {
        ...sizesOf(call),
        encoder_hidden_states: joined(embeddings[0]!.map(({ states }) => states)),
        encoder_attention_mask: rowsOf(tokens[0]!.map((row) => maskOf(row, tokenizer))),
      },
    };
  },
});

const alpha = withT5(ALPHA_LENGTH);
const sigma = withT5(SIGMA_LENGTH);

/** All rows of text: [B, S, D]. */
const joined = (rows: readonly Tensor[]): Tensor => concat(rows, 0);

const maskOf = ({ chunks }: PromptTokens, tokenizer: TextTokenizer): number[] =>
  chunks.flatMap(({ ids }) => attentionMask(ids, tokenizer));

/** Height and width in pixels, and height over width, for each row. */
function sizesOf({ options: { width, height }, rows }: ConditioningCall): Record<string, Tensor> {
  return {
    resolution: rowsOf(rows.map(() => [height, width])),
    aspect_ratio: rowsOf(rows.map(() => [height / width])),
  };
}

/** PixArt's networks were trained on captions in small letters, and diffusers makes all prompts so (`text.lower().strip()`); T5 tells the case apart. */
function withLowerCase({ text_encoder: encoder }: TextEncoders): { readonly text_encoder: TextEncoder } {
  const { tokenizer } = encoder!;
  const tokenize = (text: string): number[] => tokenizer.tokenize(text.toLowerCase().trim());
  return { text_encoder: { ...encoder!, tokenizer: { ...tokenizer, tokenize } } };
}
