import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear, normal } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { clipText, clipTextConfig } from '@lascaux/nn/networks';
import { STYLES } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH, CODE_PARTS } from './appearance.js';
import { accuracy, crossEntropy, nearestDrawing } from './classification.js';
import {
  ANSWERS,
  answersBefore,
  CLASS_NAMES,
  CLASSES,
  MAX_TOKENS,
  perClass,
  SLOT_A,
  SLOT_B,
  SLOT_CLASSES,
  SLOTS,
  TOKEN_LENGTH,
  type ClassName,
} from './slot-tokens.js';

const { add, argmax, cast, mean, mul, reshape, slice, square, sub } = ops;

/** Entries of the vocabulary. */
export const VOCABULARY = 12_288;

/** The painter's text encoder, for a tokenizer. */
export const painterTextConfig = (tokenizer: ClipTokenizer): CLIPTextConfig =>
  clipTextConfig({
    vocab_size: tokenizer.vocabSize,
    hidden_size: 192,
    intermediate_size: 1536,
    hidden_act: 'relu',
    projection_dim: 128,
    num_hidden_layers: 5,
    num_attention_heads: 4,
    max_position_embeddings: tokenizer.maxLength,
    eos_token_id: tokenizer.endId,
  });

/** Parameters of the text encoder itself, without what stands beside it in training. */
export const isTextParameter = (name: string): boolean => name.startsWith('text_model.');

/** The matrix, [TOKEN_LENGTH, width], that turns a state of the encoder into the token that the denoiser reads. */
export const TOKEN_HEAD = 'heads.token.weight';

/** The projections of what is attended to across, of every layer. */
const READS_TEXT = /\.attn2\.to_[kv]\.weight$/;

/**
 * The denoiser's weights for states of the text encoder in place of tokens: where it projects what it attends to, W becomes W·H with H the
 * encoder's matrix from states to tokens.
 * @param denoiser weights by name, of a network trained on tokens
 * @param encoder the text encoder's weights with `TOKEN_HEAD`
 */
export function readingDenoiser(
  denoiser: ReadonlyMap<string, Float32Array>,
  encoder: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const head = encoder.get(TOKEN_HEAD)!;
  const width = head.length / TOKEN_LENGTH;
  const folded = (weight: Float32Array): Float32Array => {
    const rows = weight.length / TOKEN_LENGTH;
    const product = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < TOKEN_LENGTH; k++) {
        const factor = weight[row * TOKEN_LENGTH + k]!;
        for (let i = 0; i < width; i++) product[row * width + i]! += factor * head[k * width + i]!;
      }
    return product;
  };
  return new Map([...denoiser].map(([name, weight]) => [name, READS_TEXT.test(name) ? folded(weight) : weight]));
}

/**
 * Inputs of a step: token ids of captions, what all places are to give, and how much each place counts; `said` is 0 for a caption
 * of no words, which tells no class; `weightB` is small where there is no thing B, as in most. `drawings` are the codes of all
 * drawings, style by style for each noun, and none; `answers` the tokens of all answers.
 */
export const textInputs = (batchSize: number, nouns: number) =>
  ({
    ids: { shape: [batchSize, MAX_TOKENS], dtype: 'int64' },
    tokens: { shape: [batchSize, MAX_TOKENS, TOKEN_LENGTH] },
    weights: { shape: [batchSize, MAX_TOKENS, 1] },
    said: { shape: [batchSize] },
    weightB: { shape: [batchSize] },
    nounA: { shape: [batchSize], dtype: 'int64' },
    nounB: { shape: [batchSize], dtype: 'int64' },
    drawingA: { shape: [batchSize], dtype: 'int64' },
    drawingB: { shape: [batchSize], dtype: 'int64' },
    drawings: { shape: [nouns * STYLES.length + 1, CODE_LENGTH] },
    answers: { shape: [ANSWERS, TOKEN_LENGTH] },
    ...perClass(() => ({ shape: [batchSize], dtype: 'int64' }) as const),
  }) satisfies InputTypes;

type TextInputs = { readonly [Name in keyof ReturnType<typeof textInputs>]: Value };

/** Something said of thing A and of thing B, and of A where the text ends, so that a projection of that state can be compared with images. */
interface ForThings {
  readonly A: Value;
  readonly B: Value;
  readonly end: Value;
}

/** Names of the heads that read something of thing A, of thing B, and of A where the text ends. */
export const thingHeads = (what: string): readonly [string, string, string] => [what, `${what}_b`, `${what}_end`];

/** What the text encoder says of prompts, [N, …]. */
export interface PromptReadings {
  /** Tokens as the denoiser reads them, [N, MAX_TOKENS, TOKEN_LENGTH]. */
  readonly tokens: Value;
  readonly codes: ForThings;
  /** Logits of nouns, the last for none: what is not known of a drawing's code yet can still be told from others. */
  readonly nouns: ForThings;
  /** Tokens of the classes' slots, [N, TOKEN_LENGTH]. */
  readonly classes: Readonly<Record<ClassName, Value>>;
}

/** What stands at a slot: [N, places, size] → [N, size]. */
function slotOf(values: Value, slot: number): Value {
  const [batch, places, size] = values.shape as readonly [number, number, number];
  const begin = places - SLOTS + slot;
  return reshape(slice(values, { axis: 1, begin, end: begin + 1 }), [batch, size]);
}

/** The code in a token, [N, CODE_LENGTH]. */
const codeOf = (token: Value): Value => slice(token, { axis: 1, begin: 0, end: CODE_LENGTH });

/** The text encoder, and how many nouns its heads tell apart. */
export interface PromptReader {
  readonly config: CLIPTextConfig;
  readonly nouns: number;
}

/** Reads prompts by linear heads, which exist in training only: the one of the tokens becomes part of the denoiser. */
export function readPrompts(scope: Scope, ids: Value, { config, nouns }: PromptReader): PromptReadings {
  const { last_hidden_state: states, pooler_output: pooled } = clipText(scope, config, ids);
  const width = states.shape[2] as number;
  const heads = scope.at('heads');
  const token = (state: Value): Value =>
    linear(heads.at('token'), state, { out: TOKEN_LENGTH, bias: false, initializer: normal(width ** -0.5) });
  const tokens = token(states);
  const [nounA, nounB, nounEnd] = thingHeads('noun').map((name, slot) =>
    linear(heads.at(name), slot === 2 ? pooled : slotOf(states, slot === 0 ? SLOT_A : SLOT_B), {
      out: nouns + 1,
      initializer: normal(0.05),
    }),
  ) as [Value, Value, Value];
  return {
    tokens,
    codes: { A: codeOf(slotOf(tokens, SLOT_A)), B: codeOf(slotOf(tokens, SLOT_B)), end: codeOf(token(pooled)) },
    nouns: { A: nounA, B: nounB, end: nounEnd },
    classes: perClass((_, i) => slotOf(tokens, SLOT_CLASSES + i)),
  };
}

const error = (value: Value, wanted: Value): Value => mean(square(sub(value, wanted)));
const total = (values: readonly Value[]): Value => values.reduce((sofar, value) => add(sofar, reshape(value, [])));

/** Weight of what is read where the text ends. */
const END = 0.3;

/** How well the places hold what the prompts say: errors of the tokens, and cross entropies of what they stand for. */
export function textLoss(scope: Scope, inputs: TextInputs, config: CLIPTextConfig) {
  const { tokens: wanted, weights, drawings, drawingA, drawingB, nounA, nounB, weightB } = inputs;
  const nouns = ((drawings.shape[0] as number) - 1) / STYLES.length;
  const { tokens, codes, nouns: named, classes } = readPrompts(scope, inputs.ids, { config, nouns });
  const near = (code: Value): Value => nearestDrawing(code, drawings);
  const things = [
    ...[crossEntropy(near(codes.A), drawingA), crossEntropy(near(codes.B), drawingB, weightB)],
    ...[crossEntropy(named.A, nounA), crossEntropy(named.B, nounB, weightB)],
    mul(total([crossEntropy(near(codes.end), drawingA), crossEntropy(named.end, nounA)]), END),
  ];
  const answers = perClass((name) => {
    const begin = answersBefore(name);
    const own = slice(inputs.answers, { axis: 0, begin, end: begin + CLASSES[name] });
    return nearestDrawing(classes[name], own);
  });
  const others = CLASS_NAMES.map((name) => crossEntropy(answers[name], inputs[name], inputs.said));
  return {
    loss: total([
      mul(mean(mul(square(sub(tokens, wanted)), weights)), MAX_TOKENS),
      mul(total(things), 0.5),
      mul(total(others), 0.1),
    ]),
    metrics: {
      ...Object.fromEntries(
        Array.from({ length: CODE_PARTS }, (_, part) => [
          `code_a${part + 1}`,
          error(codeOf(slotOf(tokens, SLOT_A + part)), codeOf(slotOf(wanted, SLOT_A + part))),
        ]),
      ),
      code_b: error(codes.B, codeOf(slotOf(wanted, SLOT_B))),
      noun_a: accuracy(named.A, nounA),
      noun_b: accuracy(named.B, nounB),
      drawing_a: accuracy(near(codes.A), drawingA),
      drawing_b: accuracy(near(codes.B), drawingB),
      drawing_end: accuracy(near(codes.end), drawingA),
      ...perClass((name) => accuracy(answers[name], inputs[name])),
    },
  };
}

/** Token ids [N, T] → the noun of thing A, [N] (whole numbers as float32), for reports. */
export const readNoun = (scope: Scope, ids: Value, reader: PromptReader): Value =>
  cast(argmax(readPrompts(scope, ids, reader).nouns.A), 'float32');
