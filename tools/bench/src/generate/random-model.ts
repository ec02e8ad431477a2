import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findModel } from '@lascaux/models';
import { parametersOf, randomStream, sizeOf, toFloat16, writeSafetensors, type Program } from '@lascaux/nn';
import {
  autoencoderKLConfig,
  clipTextConfig,
  clipTextProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
} from '@lascaux/nn/networks';
import { writeGraph } from '@lascaux/nn/onnx';

/** The configurations of Stable Diffusion 1.5: 860 M parameters in the UNet, 123 M in the text encoder, 50 M in the decoder. */
const text = {
  hidden_size: 768,
  intermediate_size: 3072,
  projection_dim: 768,
  num_attention_heads: 12,
  num_hidden_layers: 12,
};
const unet = { sample_size: 64, cross_attention_dim: 768 };
const vae = {
  down_block_types: Array<string>(4).fill('DownEncoderBlock2D'),
  up_block_types: Array<string>(4).fill('UpDecoderBlock2D'),
  block_out_channels: [128, 256, 512, 512],
  layers_per_block: 2,
  sample_size: 512,
};
const scheduler = {
  _class_name: 'DDIMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  set_alpha_to_one: false,
};

/** How much randomness is drawn; larger weights repeat it. */
const BLOCK = 1 << 20;

/** Weights of deviation 1/√fan-in, scales of 1, all else 0: numbers of the size that trained ones have. */
function randomWeight(name: string, shape: readonly number[], block: Float32Array): Float32Array {
  const weight = new Float32Array(sizeOf(shape));
  if (shape.length === 1) return name.endsWith('weight') ? weight.fill(1) : weight;
  const scale = 1 / Math.sqrt(weight.length / shape[0]!);
  for (let i = 0; i < weight.length; i++) weight[i] = scale * block[i % BLOCK]!;
  return weight;
}

interface Component {
  readonly program: Program;
  readonly config: object;
  readonly weightsFile: string;
}

async function writeRandom(folder: string, { program, config, weightsFile }: Component, dtype: 'F32' | 'F16') {
  const block = randomStream(1).normal(BLOCK);
  const tensors = parametersOf(program).map(({ name, shape }) => {
    const make = () => randomWeight(name, shape, block);
    return [name, { dtype, shape, data: () => Promise.resolve(dtype === 'F16' ? toFloat16(make()) : make()) }] as const;
  });
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, weightsFile), Object.fromEntries(tensors), { format: 'pt' });
  await writeGraph(folder, { program, weightsFile });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

/** A model of Stable Diffusion 1.5's size with random weights; a folder that is complete already is left as it is. */
export async function randomModel(folder: string, dtype: 'F32' | 'F16'): Promise<void> {
  const indexPath = join(folder, 'model_index.json');
  if (await stat(indexPath).catch(() => undefined)) return;
  const weightsFile = 'diffusion_pytorch_model.safetensors';
  const axes = { batch: 'batch', height: 'height', width: 'width' };
  const textConfig = clipTextConfig(text);
  const parts: Readonly<Record<string, Component>> = {
    text_encoder: {
      program: clipTextProgram(textConfig, { batch: 'batch', tokens: 77 }),
      config: { ...textConfig, architectures: ['CLIPTextModel'], model_type: 'clip_text_model' },
      weightsFile: 'model.safetensors',
    },
    unet: {
      program: unetProgram(unet2DConditionConfig(unet), { ...axes, tokens: 77 }),
      config: { _class_name: 'UNet2DConditionModel', ...unet },
      weightsFile,
    },
    vae_decoder: {
      program: vaeDecoderProgram(autoencoderKLConfig(vae), axes),
      config: { _class_name: 'AutoencoderKL', ...vae },
      weightsFile,
    },
  };
  for (const [name, part] of Object.entries(parts)) await writeRandom(join(folder, name), part, dtype);
  await writeTokenizer(join(folder, 'tokenizer'));
  await mkdir(join(folder, 'scheduler'), { recursive: true });
  await writeFile(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify(scheduler));
  const index = {
    _class_name: 'StableDiffusionPipeline',
    scheduler: ['diffusers', 'DDIMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae_decoder: ['diffusers', 'AutoencoderKL'],
  };
  await writeFile(indexPath, JSON.stringify(index));
}

/** The bundled tokenizer at CLIP's length: its ids are few, and what they mean does not matter here. */
async function writeTokenizer(folder: string): Promise<void> {
  await cp(join(findModel(), 'tokenizer'), folder, { recursive: true });
  const path = join(folder, 'tokenizer_config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...config, model_max_length: 77 }));
}
