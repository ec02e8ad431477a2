import {
  autoencoderKLConfig,
  autoencoderTinyConfig,
  clipTextConfig,
  clipVisionConfig,
  fluxTransformerConfig,
  sd3TransformerConfig,
  spatialFactor,
  t5Config,
  unet2DConditionConfig,
  weightNameCandidates,
} from '@lascaux/nn/networks';
import { describe, expect, it } from 'vitest';

describe('configs', () => {
  it('have the defaults of diffusers and transformers', () => {
    expect(unet2DConditionConfig({})).toMatchObject({
      block_out_channels: [320, 640, 1280, 1280],
      cross_attention_dim: 1280,
      attention_head_dim: 8,
      norm_eps: 1e-5,
    });
    expect(autoencoderKLConfig({})).toMatchObject({
      block_out_channels: [64],
      layers_per_block: 1,
      scaling_factor: 0.18215,
    });
    expect(autoencoderTinyConfig({})).toMatchObject({ latent_channels: 4, act_fn: 'relu', scaling_factor: 1 });
    expect(clipTextConfig({})).toMatchObject({ hidden_size: 512, eos_token_id: 49407, hidden_act: 'quick_gelu' });
    expect(clipVisionConfig({})).toMatchObject({ hidden_size: 768, patch_size: 32, projection_dim: 512 });
    expect(t5Config({})).toMatchObject({ d_model: 512, num_layers: 6, relative_attention_max_distance: 128 });
  });

  it('of joint transformers have the defaults of diffusers', () => {
    expect(sd3TransformerConfig({})).toMatchObject({
      num_layers: 18,
      pos_embed_max_size: 96,
      dual_attention_layers: [],
    });
    expect(fluxTransformerConfig({})).toMatchObject({ num_single_layers: 38, guidance_embeds: false });
  });

  it('leave out bookkeeping', () => {
    const config = { _class_name: 'AutoencoderKL', _diffusers_version: '0.40.0', latent_channels: 16 };
    expect(autoencoderKLConfig(config)).toEqual(autoencoderKLConfig({ latent_channels: 16 }));
    const text = {
      architectures: ['CLIPTextModel'],
      torch_dtype: 'float32',
      transformers_version: '4.2',
      hidden_size: 64,
    };
    expect(clipTextConfig(text)).toEqual(clipTextConfig({ hidden_size: 64 }));
  });

  it('read either half of a whole CLIP', () => {
    const whole = {
      model_type: 'clip',
      projection_dim: 77,
      text_config: { hidden_size: 64 },
      vision_config: { image_size: 96 },
    };
    expect(clipTextConfig(whole)).toMatchObject({ hidden_size: 64, projection_dim: 77 });
    expect(clipVisionConfig(whole)).toMatchObject({ image_size: 96, projection_dim: 77 });
  });

  it.each([
    ['an unknown key', () => unet2DConditionConfig({ block_out_chanels: [1] }), 'unknown key, got "block_out_chanels"'],
    ['a wrong type', () => unet2DConditionConfig({ in_channels: '4' }), 'in_channels'],
    ['an unsupported switch', () => unet2DConditionConfig({ class_embed_type: 'projection' }), 'class_embed_type'],
    ['an unsupported block', () => autoencoderKLConfig({ down_block_types: ['X'] }), 'accepted: DownEncoderBlock2D'],
    ['groups that do not divide', () => autoencoderKLConfig({ norm_num_groups: 7 }), 'norm_num_groups: must divide'],
    ['a million layers', () => autoencoderKLConfig({ layers_per_block: 1e6 }), 'layers_per_block: Too big'],
    ['a million million channels', () => autoencoderKLConfig({ block_out_channels: [1e12] }), 'block_out_channels.0'],
    ['lists of unequal length', () => autoencoderKLConfig({ block_out_channels: [64, 64] }), 'down_block_types'],
    [
      'layers of several widths',
      () => autoencoderTinyConfig({ decoder_block_out_channels: [64, 32] }),
      'must all be the',
    ],
    ['stages that do not mirror', () => autoencoderTinyConfig({ num_encoder_blocks: [1, 3] }), 'num_encoder_blocks'],
    ['another upsampling', () => autoencoderTinyConfig({ upsampling_scaling_factor: 4 }), 'upsampling_scaling_factor'],
    ['too few heads', () => unet2DConditionConfig({ attention_head_dim: [5, 10] }), 'attention_head_dim'],
    [
      'text_time without sizes',
      () => unet2DConditionConfig({ addition_embed_type: 'text_time' }),
      'addition_time_embed_dim',
    ],
    ['heads that do not divide', () => clipTextConfig({ hidden_size: 100 }), 'must divide hidden_size'],
    ['an unknown feed-forward', () => t5Config({ feed_forward_proj: 'glu' }), 'accepted: relu, gelu'],
    [
      'a text of another width',
      () => sd3TransformerConfig({ num_layers: 2, caption_projection_dim: 64 }),
      'caption_pro',
    ],
    ['another norm', () => sd3TransformerConfig({ qk_norm: 'layer_norm' }), 'accepted: rms_norm'],
    ['places that do not fit a head', () => fluxTransformerConfig({ axes_dims_rope: [8, 8, 8] }), 'must add up to'],
    ['no object', () => t5Config(null), 'T5 config: config'],
  ])('refuse %s in one line that names the key', (_, parse, part) => {
    expect(parse).toThrow(part);
  });

  it('give the image cells per latent cell', () => {
    expect(spatialFactor(autoencoderKLConfig({}))).toBe(1);
    const four = {
      block_out_channels: [64, 64, 64],
      down_block_types: Array(3).fill('DownEncoderBlock2D'),
      up_block_types: Array(3).fill('UpDecoderBlock2D'),
    };
    expect(spatialFactor(autoencoderKLConfig(four))).toBe(4);
  });
});

describe('weightNameCandidates', () => {
  it('knows the older names of a weight', () => {
    const name = 'decoder.mid_block.attentions.0.to_out.0.weight';
    expect(weightNameCandidates(name)).toEqual([name, 'decoder.mid_block.attentions.0.proj_attn.weight']);
    expect(weightNameCandidates('text_model.final_layer_norm.bias')).toContain('final_layer_norm.bias');
    expect(weightNameCandidates('shared.weight')).toContain('encoder.embed_tokens.weight');
    expect(weightNameCandidates('conv_in.weight')).toEqual(['conv_in.weight']);
  });
});
