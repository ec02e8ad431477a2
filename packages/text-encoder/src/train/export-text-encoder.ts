import { join } from 'node:path';
import type { CLIPTextConfig, CLIPVisionConfig } from '@lascaux/nn/networks';
import { clipTextWithProjectionProgram, clipVisionProgram } from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import type { ClipTokenizer } from '../index.js';
import { saveTokenizer } from '../index.js';

/** Options of `exportTextEncoder`. */
export interface ExportTextEncoderOptions {
  /** Weights by name, e.g. the running average of a training. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Model folder that gets `tokenizer/`, `text_encoder/` and `image_encoder/`. */
  readonly directory: string;
  readonly tokenizer: ClipTokenizer;
  readonly text: CLIPTextConfig;
  readonly vision: CLIPVisionConfig;
  /** Element type of the stored weights; default `F16`. */
  readonly dtype?: 'F32' | 'F16';
}

/**
 * Writes a trained CLIP as component folders: the text half for the denoiser (transformers.js loads it too), the picture half for scores.
 * @throws {LascauxError} when the weights do not fit the configs
 */
export async function exportTextEncoder({
  weights,
  directory,
  tokenizer,
  text,
  vision,
  dtype = 'F16',
}: ExportTextEncoderOptions): Promise<void> {
  const weightsFile = 'model.safetensors';
  await saveTokenizer(join(directory, 'tokenizer'), tokenizer);
  await writeComponent(join(directory, 'text_encoder'), {
    program: clipTextWithProjectionProgram(text, {
      batch: 'batch',
      tokens: text.max_position_embeddings,
      first: 'last_hidden_state',
    }),
    config: {
      architectures: ['CLIPTextModelWithProjection'],
      model_type: 'clip_text_model',
      ...text,
      bos_token_id: tokenizer.startId,
      pad_token_id: tokenizer.padId,
    },
    weights,
    dtype,
    weightsFile,
  });
  await writeComponent(join(directory, 'image_encoder'), {
    program: clipVisionProgram(vision, { batch: 'batch' }),
    config: { architectures: ['CLIPVisionModelWithProjection'], model_type: 'clip_vision_model', ...vision },
    weights,
    dtype,
    weightsFile,
  });
}
