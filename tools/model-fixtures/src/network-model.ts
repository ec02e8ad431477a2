import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parametersOf, type Program } from '@lascaux/nn';
import {
  autoencoderKLConfig,
  clipTextConfig,
  clipTextProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import { clipTokenizer, saveTokenizer, trainBpe } from '@lascaux/text-encoder';
import { initializeParameters } from '@lascaux/training';
import { temporaryFolder } from './tiny-model.js';

/** What may be chosen of a model made of our own networks with random weights. */
export interface NetworkModelOptions {
  readonly dtype?: 'F32' | 'F16';
  /** Channels of the UNet's two resolutions. */
  readonly channels?: readonly [number, number];
  readonly latentSize?: number;
  readonly tokens?: number;
}

const free = { batch: 'batch', height: 'height', width: 'width' };

/** A Stable Diffusion in miniature: our CLIP, UNet and AutoencoderKL, each a folder of config, graph and safetensors. */
export async function networkModel(options: NetworkModelOptions = {}): Promise<string> {
  const { dtype = 'F32', channels = [8, 16], latentSize = 8, tokens = 16 } = options;
  const folder = await temporaryFolder();
  const vocabulary = trainBpe(['a cat', 'a dog', 'a red cat', 'two dogs'], { vocabSize: 600, maxLength: tokens });
  const { vocabSize, endId } = clipTokenizer(vocabulary);
  const text = clipTextConfig({
    vocab_size: vocabSize,
    hidden_size: 16,
    intermediate_size: 32,
    projection_dim: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: tokens,
    eos_token_id: endId,
  });
  const unet = unet2DConditionConfig({
    sample_size: latentSize,
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
    block_out_channels: [...channels],
    layers_per_block: 1,
    norm_num_groups: 4,
    cross_attention_dim: 16,
    attention_head_dim: 2,
  });
  const vae = autoencoderKLConfig({
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    block_out_channels: [8, 8],
    norm_num_groups: 4,
  });
  const write = (name: string, program: Program, config: Readonly<Record<string, unknown>>) =>
    writeComponent(join(folder, name), {
      program,
      config,
      dtype,
      weights: initializeParameters(parametersOf(program), name),
    });
  await mkdir(join(folder, 'tokenizer'));
  await saveTokenizer(join(folder, 'tokenizer'), vocabulary);
  await write('text_encoder', clipTextProgram(text, { batch: 'batch', tokens }), text);
  await write('unet', unetProgram(unet, { ...free, tokens: 'tokens' }), { ...unet, _lascaux: { latent_multiple: 1 } });
  await write('vae_encoder', vaeEncoderProgram(vae, free), vae);
  await write('vae_decoder', vaeDecoderProgram(vae, free), vae);
  await mkdir(join(folder, 'scheduler'));
  await writeFile(
    join(folder, 'scheduler', 'scheduler_config.json'),
    JSON.stringify({ _class_name: 'DDIMScheduler', clip_sample: false }),
  );
  const index = {
    _class_name: 'StableDiffusionPipeline',
    _lascaux: { steps: 2, guidance: 3 },
    scheduler: ['diffusers', 'DDIMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  };
  await writeFile(join(folder, 'model_index.json'), JSON.stringify(index));
  return folder;
}
