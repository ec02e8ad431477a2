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
import { publishedClipVocabulary } from '@lascaux/text-encoder/published';
import { initializeParameters } from '@lascaux/training';
import { temporaryFolder } from './tiny-model.js';

/** What may be chosen of a model made of our own networks with random weights. */
export interface NetworkModelOptions {
  readonly dtype?: 'F32' | 'F16';
  /** Channels of the UNet's two resolutions. */
  readonly channels?: readonly [number, number];
  readonly latentSize?: number;
  readonly tokens?: number;
  /** With what no shape tells as in the published models, so that a file in the original naming needs no config: CLIP's vocabulary, heads, groups. */
  readonly published?: boolean;
}

const small = { width: 16, heads: 2, groups: 4, attentionHeads: 2, vaeChannels: [8, 8], channels: [8, 16] };
const published = { width: 64, heads: 1, groups: 32, attentionHeads: 8, vaeChannels: [32, 32], channels: [32, 64] };

const free = { batch: 'batch', height: 'height', width: 'width' };

/** A Stable Diffusion in miniature: our CLIP, UNet and AutoencoderKL, each a folder of config, graph and safetensors. */
export async function networkModel(options: NetworkModelOptions = {}): Promise<string> {
  const sizes = options.published === true ? published : small;
  const { width, heads, groups, attentionHeads, vaeChannels } = sizes;
  const { dtype = 'F32', channels = sizes.channels, latentSize = 8 } = options;
  const tokens = options.tokens ?? (options.published === true ? 77 : 16);
  const folder = await temporaryFolder();
  const vocabulary =
    options.published === true
      ? { ...(await publishedClipVocabulary()), maxLength: tokens }
      : trainBpe(['a cat', 'a dog', 'a red cat', 'two dogs'], { vocabSize: 600, maxLength: tokens });
  const { vocabSize, endId } = clipTokenizer(vocabulary);
  const text = clipTextConfig({
    vocab_size: vocabSize,
    hidden_size: width,
    intermediate_size: 2 * width,
    projection_dim: width,
    num_hidden_layers: 2,
    num_attention_heads: heads,
    max_position_embeddings: tokens,
    eos_token_id: endId,
  });
  const unet = unet2DConditionConfig({
    sample_size: latentSize,
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
    block_out_channels: [...channels],
    layers_per_block: 1,
    norm_num_groups: groups,
    cross_attention_dim: width,
    attention_head_dim: attentionHeads,
  });
  const vae = autoencoderKLConfig({
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    block_out_channels: vaeChannels,
    norm_num_groups: groups,
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
