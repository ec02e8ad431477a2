import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type OnnxGraph } from '@lascaux/nn/onnx';
import { afterAll } from 'vitest';
import { clipTokenizer, saveTokenizer, trainBpe } from '@lascaux/text-encoder';
import { decoderGraph, denoiserGraph, modern, textEncoderGraph, type Vintage } from './tiny-graphs.js';

/** What may be changed in a tiny model. */
export interface TinyModelOptions {
  readonly vintage?: Vintage;
  /** Extra or replaced keys of `model_index.json`. */
  readonly index?: object;
  readonly scheduler?: object;
  /** Deviation of the denoiser's weights. */
  readonly weight?: number;
}

const tokenizerOptions = trainBpe(['a cat', 'a dog', 'a red cat', 'two dogs'], { vocabSize: 600, maxLength: 32 });

/** Paints 8×8 pictures from 4×4 latents in three steps; random weights, always the same. */
export async function tinyModel(options: TinyModelOptions = {}): Promise<string> {
  const { vintage = modern, weight, index = {}, scheduler = {} } = options;
  const folder = await temporaryFolder();
  const { vocabSize } = clipTokenizer(tokenizerOptions);
  await mkdir(join(folder, 'tokenizer'));
  await saveTokenizer(join(folder, 'tokenizer'), tokenizerOptions);
  await writeGraph(join(folder, 'text_encoder'), textEncoderGraph(vintage, vocabSize), {});
  await writeGraph(join(folder, 'unet'), denoiserGraph(vintage, weight), { in_channels: 4, sample_size: 4 });
  const vae = { latent_channels: 4, block_out_channels: [4, 4], scaling_factor: 0.5 };
  await writeGraph(join(folder, 'vae_decoder'), decoderGraph(vintage), vae);
  await writeJson(join(folder, 'scheduler', 'scheduler_config.json'), {
    _class_name: 'DDIMScheduler',
    clip_sample: false,
    ...scheduler,
  });
  await writeJson(join(folder, 'model_index.json'), {
    _class_name: 'StableDiffusionPipeline',
    _lascaux: { steps: 3, guidance: 2 },
    scheduler: ['diffusers', 'DDIMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
    safety_checker: [null, null],
    requires_safety_checker: false,
    ...index,
  });
  return folder;
}

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** An empty folder that is gone when the test file is done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-pipeline-'));
  made.push(folder);
  return folder;
}

async function writeGraph(folder: string, graph: OnnxGraph, config: object): Promise<void> {
  await writeJson(join(folder, 'config.json'), config);
  await writeFile(join(folder, 'model.onnx'), encodeModel(graph));
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(value, null, 2));
}
