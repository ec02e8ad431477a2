import { parametersOf } from '@lascaux/nn';
import {
  autoencoderKLConfig,
  autoencoderTinyConfig,
  clipTextConfig,
  clipTextProgram,
  clipTextWithProjectionProgram,
  clipVisionConfig,
  clipVisionProgram,
  fluxTransformerConfig,
  fluxTransformerProgram,
  sd3TransformerConfig,
  sd3TransformerProgram,
  t5Config,
  t5EncoderProgram,
  tinyDecoderProgram,
  tinyEncoderProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';
import { describe, expect, it } from 'vitest';
import { parameterCount } from './oracle.js';

const latent = { batch: 'batch', height: 'height', width: 'width' };
const unetAxes = { ...latent, tokens: 'sequence' };
const batch = { batch: 'batch' };

describe('published sizes are met exactly', () => {
  it.each([
    ['Stable Diffusion 1.5', 859_520_964, { cross_attention_dim: 768 }],
    [
      'Stable Diffusion 2.1',
      865_910_724,
      { cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20], use_linear_projection: true },
    ],
    [
      'Stable Diffusion XL',
      2_567_463_684,
      {
        block_out_channels: [320, 640, 1280],
        down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
        up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
        transformer_layers_per_block: [1, 2, 10],
        attention_head_dim: [5, 10, 20],
        cross_attention_dim: 2048,
        use_linear_projection: true,
        addition_embed_type: 'text_time',
        addition_time_embed_dim: 256,
        projection_class_embeddings_input_dim: 2816,
      },
    ],
  ])('UNet of %s: %i', (_, count, config) => {
    expect(parameterCount(unetProgram(unet2DConditionConfig(config), unetAxes))).toBe(count);
  });

  it('autoencoder of Stable Diffusion: 83,653,863', () => {
    const config = autoencoderKLConfig({
      block_out_channels: [128, 256, 512, 512],
      down_block_types: Array(4).fill('DownEncoderBlock2D'),
      up_block_types: Array(4).fill('UpDecoderBlock2D'),
      layers_per_block: 2,
    });
    expect(parameterCount(vaeEncoderProgram(config, latent), vaeDecoderProgram(config, latent))).toBe(83_653_863);
  });

  it.each([
    ['taesd and taesdxl', 2_445_063, {}],
    ['taef2', 2_677_027, { latent_channels: 32, use_midblock_gn: true }],
  ])('tiny autoencoder %s: %i', (_, count, config) => {
    const tiny = autoencoderTinyConfig(config);
    expect(parameterCount(tinyEncoderProgram(tiny, latent), tinyDecoderProgram(tiny, latent))).toBe(count);
  });

  it('CLIP ViT-L/14: text 123,060,480, vision with projection 303,966,208', () => {
    const text = clipTextConfig({ hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 });
    const vision = clipVisionConfig({
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      patch_size: 14,
      projection_dim: 768,
    });
    expect(parameterCount(clipTextProgram(text, batch))).toBe(123_060_480);
    expect(parameterCount(clipVisionProgram(vision, batch))).toBe(303_966_208);
  });

  it('OpenCLIP bigG text with projection: 694,659,840', () => {
    const config = clipTextConfig({
      hidden_size: 1280,
      intermediate_size: 5120,
      num_attention_heads: 20,
      num_hidden_layers: 32,
      projection_dim: 1280,
      hidden_act: 'gelu',
    });
    expect(parameterCount(clipTextWithProjectionProgram(config, batch))).toBe(694_659_840);
  });

  it('T5 1.1 XXL encoder: 4,762,310,656', () => {
    const config = t5Config({
      d_model: 4096,
      d_ff: 10240,
      num_layers: 24,
      num_heads: 64,
      feed_forward_proj: 'gated-gelu',
    });
    expect(parameterCount(t5EncoderProgram(config, { ...batch, tokens: 256 }))).toBe(4_762_310_656);
  });
});

describe('published sizes of joint transformers are met exactly, with the table of positions', () => {
  const medium = { num_layers: 24, num_attention_heads: 24, caption_projection_dim: 1536 };
  const large = { num_layers: 38, num_attention_heads: 38, caption_projection_dim: 2432 };
  const dual = Array.from({ length: 13 }, (_, i) => i);

  it.each([
    ['Stable Diffusion 3 medium', 2_084_951_104, { ...medium, pos_embed_max_size: 192 }],
    ['Stable Diffusion 3.5 large', 8_146_280_768, { ...large, pos_embed_max_size: 192, qk_norm: 'rms_norm' }],
    [
      'Stable Diffusion 3.5 medium',
      2_469_663_936,
      { ...medium, pos_embed_max_size: 384, qk_norm: 'rms_norm', dual_attention_layers: dual },
    ],
  ])('%s: %i', (_, count, config) => {
    expect(parameterCount(sd3TransformerProgram(sd3TransformerConfig(config), unetAxes))).toBe(count);
  });

  it.each([
    ['dev', 11_901_408_320, true],
    ['schnell', 11_891_178_560, false],
  ])('Flux.1 %s: %i', (_, count, guided) => {
    const axes = { batch: 'batch', patches: 'patches', tokens: 'sequence' };
    const config = fluxTransformerConfig({ guidance_embeds: guided });
    expect(parameterCount(fluxTransformerProgram(config, axes))).toBe(count);
  });
});

describe('programs', () => {
  it('name inputs and outputs as the ONNX exports do', () => {
    const config = unet2DConditionConfig({
      block_out_channels: [32, 32],
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
      up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
      cross_attention_dim: 8,
      addition_embed_type: 'text_time',
      addition_time_embed_dim: 4,
      projection_class_embeddings_input_dim: 34,
      time_cond_proj_dim: 16,
    });
    const program = unetProgram(config, unetAxes);
    const inputs = program.inputs.filter((input) => input.parameter === undefined);
    expect(Object.fromEntries(inputs.map(({ name, shape }) => [name, shape]))).toEqual({
      sample: ['batch', 4, 'height', 'width'],
      timestep: [],
      encoder_hidden_states: ['batch', 'sequence', 8],
      timestep_cond: ['batch', 16],
      text_embeds: ['batch', 10],
      time_ids: ['batch', 6],
    });
    expect(program.outputs.map(({ name }) => name)).toEqual(['out_sample']);
  });

  it('number the hidden states of CLIP from 0 to the number of layers', () => {
    const config = clipTextConfig({ hidden_size: 8, num_attention_heads: 2, num_hidden_layers: 2, vocab_size: 10 });
    const { outputs } = clipTextProgram(config, { ...batch, hiddenStates: true });
    const states = ['hidden_states.0', 'hidden_states.1', 'hidden_states.2'];
    expect(outputs.map(({ name }) => name)).toEqual(['last_hidden_state', 'pooler_output', ...states]);
  });

  it('start the UNet at the prediction 0', () => {
    const config = unet2DConditionConfig({
      cross_attention_dim: 8,
      norm_num_groups: 4,
      block_out_channels: [4, 4, 4, 4],
      attention_head_dim: 2,
    });
    const zero = parametersOf(unetProgram(config, unetAxes)).filter(
      ({ name, initializer }) => name.endsWith('.weight') && initializer.kind === 'zeros',
    );
    expect(zero.map(({ name }) => name)).toContain('conv_out.weight');
    expect(zero.every(({ name }) => /^conv_out|\.conv2\.|\.proj_out\./.test(name))).toBe(true);
  });
});
