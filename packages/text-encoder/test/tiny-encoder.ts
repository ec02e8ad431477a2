import { join } from 'node:path';
import { ops, parametersOf, randomStream, sizeOf, trace, type Program } from '@lascaux/nn';
import { clipTextConfig, clipTextWithProjectionProgram } from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import { clipTokenizer, saveTokenizer, trainBpe } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

export const tokenizer = clipTokenizer(trainBpe(CAPTIONS, { vocabSize: 700, maxLength: 12 }));

const WIDTH = 5;

/** The sum of a token's and its position's embedding, and its projection at the end token: CLIP without layers. */
function program(idType: 'int32' | 'int64', length: number) {
  return trace({ input_ids: { shape: ['batch', 'sequence'], dtype: idType } }, (scope, { input_ids }) => {
    const normal = { kind: 'normal', scale: 1 } as const;
    const words = scope.at('token_embedding').parameter('weight', [tokenizer.vocabSize, WIDTH], normal);
    const positions = scope.at('position_embedding').parameter('weight', [length, WIDTH], normal);
    const projection = scope.at('text_projection').parameter('weight', [WIDTH, 3], normal);
    const hidden = ops.add(ops.gather(words, input_ids), positions);
    // one at the end token, the largest id
    const isEnd = ops.oneHot(ops.argmax(ops.cast(input_ids, 'float32')), length);
    const atEnd = ops.sum(ops.mul(hidden, ops.reshape(isEnd, ['batch', length, 1])), [1]);
    const text_embeds = ops.matmul(ops.reshape(atEnd, ['batch', WIDTH]), projection);
    return { text_embeds, last_hidden_state: hidden };
  });
}

/** Standard normal weights for every parameter of a program. */
function randomWeights(traced: Program): Map<string, Float32Array> {
  const random = randomStream(1);
  return new Map(parametersOf(traced).map(({ name, shape }) => [name, random.normal(sizeOf(shape))]));
}

/** Options of `writeTinyModel`. */
export interface TinyModelOptions {
  readonly idType?: 'int32' | 'int64';
  readonly dtype?: 'F32' | 'F16';
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Writes `text_encoder/` and `tokenizer/` with random weights into a folder; returns the weights by name. */
export async function writeTinyModel(
  directory: string,
  options: TinyModelOptions = {},
): Promise<ReadonlyMap<string, Float32Array>> {
  const { idType = 'int64', dtype = 'F32', config = {} } = options;
  const traced = program(idType, tokenizer.maxLength);
  const weights = randomWeights(traced);
  await writeComponent(join(directory, 'text_encoder'), {
    program: traced,
    weights,
    dtype,
    config: { model_type: 'clip_text_model', architectures: ['CLIPTextModelWithProjection'], ...config },
    weightsFile: 'model.safetensors',
  });
  await saveTokenizer(join(directory, 'tokenizer'), tokenizer);
  return weights;
}

/** Writes a CLIP text model of two layers with random weights, all hidden states among its outputs, and its tokenizer. */
export async function writeTinyClip(directory: string): Promise<void> {
  const config = clipTextConfig({
    vocab_size: tokenizer.vocabSize,
    hidden_size: 16,
    intermediate_size: 32,
    projection_dim: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 12,
    eos_token_id: tokenizer.endId,
  });
  const traced = clipTextWithProjectionProgram(config, { batch: 'batch', hiddenStates: true });
  await writeComponent(join(directory, 'text_encoder'), {
    program: traced,
    weights: randomWeights(traced),
    config: { model_type: 'clip_text_model', architectures: ['CLIPTextModelWithProjection'], ...config },
    weightsFile: 'model.safetensors',
  });
  await saveTokenizer(join(directory, 'tokenizer'), { ...tokenizer, maxLength: 77 });
}
