import { join } from 'node:path';
import { ops, parametersOf, randomStream, sizeOf, trace } from '@lascaux/nn';
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
  const random = randomStream(1);
  const weights = new Map(parametersOf(traced).map(({ name, shape }) => [name, random.normal(sizeOf(shape))]));
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
