import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ops, parametersOf, trace, type Dim, type ParameterSpec, type Program } from '@lascaux/nn';
import { conv2d, linear } from '@lascaux/nn/layers';
import {
  autoencoderKLConfig,
  clipTextConfig,
  clipTextProgram,
  clipTextWithProjectionProgram,
  unet2DConditionConfig,
  unetProgram,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import { clipTokenizer, saveTokenizer, trainBpe } from '@lascaux/text-encoder';
import { initializeParameters } from '@lascaux/training';
import { temporaryFolder } from './tiny-model.js';

// Miniatures of the families, with random weights: real text encoders, UNets and autoencoders, and transformers that mix
// all their inputs.

export const TOKENS = 16;
const vocabulary = trainBpe(['a cat', 'a dog', 'a red cat', 'two dogs'], { vocabSize: 600, maxLength: TOKENS });
const { vocabSize, endId } = clipTokenizer(vocabulary);
const free = { batch: 'batch', height: 'height', width: 'width' } as const;

type Config = Readonly<Record<string, unknown>>;

/** Writes a part with random weights, drawn from its folder's name. */
export async function writePart(folder: string, program: Program, config: Config = {}): Promise<void> {
  await writeComponent(folder, {
    program,
    config,
    weights: initializeParameters(parametersOf(program), folder.split('/').at(-1)!),
  });
}

const clipConfig = (width: number) =>
  clipTextConfig({
    vocab_size: vocabSize,
    hidden_size: width,
    intermediate_size: 16,
    projection_dim: width,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    max_position_embeddings: TOKENS,
    eos_token_id: endId,
  });

/** A CLIP of three layers and its tokenizer. */
export async function writeText(
  folder: string,
  suffix: string,
  { width, projects }: { width: number; projects: boolean },
) {
  const program = (projects ? clipTextWithProjectionProgram : clipTextProgram)(clipConfig(width), {
    batch: 'batch',
    hiddenStates: true,
  });
  await writePart(join(folder, `text_encoder${suffix}`), program, clipConfig(width));
  await mkdir(join(folder, `tokenizer${suffix}`));
  await saveTokenizer(join(folder, `tokenizer${suffix}`), vocabulary);
}

/** An AutoencoderKL of two resolutions. */
export async function writeVae(folder: string, channels: number): Promise<void> {
  const config = autoencoderKLConfig({
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    block_out_channels: [8, 8],
    latent_channels: channels,
    norm_num_groups: 4,
  });
  await writePart(join(folder, 'vae_encoder'), vaeEncoderProgram(config, free), config);
  await writePart(join(folder, 'vae_decoder'), vaeDecoderProgram(config, free), config);
}

/** Scheduler and index, which completes a model. */
export async function writeRest(folder: string, index: object, scheduler: object): Promise<string> {
  await mkdir(join(folder, 'scheduler'));
  await writeFile(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify(scheduler));
  await writeFile(join(folder, 'model_index.json'), JSON.stringify({ _lascaux: { steps: 2 }, ...index }));
  return folder;
}

const unetBase = {
  sample_size: 8,
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  block_out_channels: [8, 16],
  layers_per_block: 1,
  norm_num_groups: 4,
  attention_head_dim: 2,
};

/** Entries of an index. */
export const components = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([name, type]) => [name, ['library', type]]));

/** A network's parameters with random numbers in place of the zeros that some layers start with: an untrained one would say 0. */
export const awakeParameters = (program: Program): ParameterSpec[] =>
  parametersOf(program).map((spec) =>
    spec.initializer.kind === 'zeros' && spec.name.endsWith('weight')
      ? { ...spec, initializer: { kind: 'normal', scale: 0.1 } as const }
      : spec,
  );

async function writeUnet(folder: string, config: ReturnType<typeof unet2DConditionConfig>, timeIds = 6): Promise<void> {
  const program = unetProgram(config, { ...free, tokens: 'tokens', timeIds });
  await writeComponent(join(folder, 'unet'), {
    program,
    config: { ...config, _lascaux: { latent_multiple: 1 } },
    weights: initializeParameters(awakeParameters(program), 'unet'),
  });
}

/** SDXL: two encoders of 8 and 12 channels, sizes. */
export async function sdxlModel(index: Config = {}, unet: object = {}): Promise<string> {
  const folder = await temporaryFolder();
  await writeText(folder, '', { width: 8, projects: false });
  await writeText(folder, '_2', { width: 12, projects: true });
  const config = unet2DConditionConfig({
    ...unetBase,
    cross_attention_dim: 20,
    addition_embed_type: 'text_time',
    addition_time_embed_dim: 4,
    projection_class_embeddings_input_dim: 12 + 6 * 4,
    ...unet,
  });
  await writeUnet(folder, config, index.requires_aesthetics_score === true ? 5 : 6);
  await writeVae(folder, 4);
  const parts = {
    unet: 'UNet2DConditionModel',
    text_encoder: 'CLIPTextModel',
    text_encoder_2: 'CLIPTextModelWithProjection',
  };
  return writeRest(
    folder,
    { _class_name: 'StableDiffusionXLPipeline', ...components(parts), ...index },
    { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'leading' },
  );
}

/** A latent consistency model: the guidance is an input. */
export async function lcmModel(): Promise<string> {
  const folder = await temporaryFolder();
  await writeText(folder, '', { width: 8, projects: false });
  await writeUnet(folder, unet2DConditionConfig({ ...unetBase, cross_attention_dim: 8, time_cond_proj_dim: 6 }));
  await writeVae(folder, 4);
  return writeRest(
    folder,
    {
      _class_name: 'LatentConsistencyModelPipeline',
      _lascaux: {},
      ...components({ unet: 'UNet2DConditionModel', text_encoder: 'CLIPTextModel' }),
    },
    { _class_name: 'LCMScheduler' },
  );
}

/** SD3 without T5: joint width 24, pooled 8 + 12. */
export async function sd3Model(): Promise<string> {
  const folder = await temporaryFolder();
  await writeText(folder, '', { width: 8, projects: true });
  await writeText(folder, '_2', { width: 12, projects: true });
  const program = trace(
    {
      hidden_states: { shape: ['batch', 4, 'height', 'width'] },
      encoder_hidden_states: { shape: ['batch', 'tokens', 24] },
      pooled_projections: { shape: ['batch', 20] },
      timestep: { shape: ['batch'] },
    },
    (scope, { hidden_states: x, encoder_hidden_states: text, pooled_projections: pooled, timestep }) => {
      const told = ops.add(
        linear(scope.at('text'), ops.reshape(ops.sum(text, [1]), ['batch', 24]), { out: 4 }),
        linear(scope.at('pooled'), pooled, { out: 4 }),
      );
      const time = ops.mul(ops.reshape(timestep, ['batch', 1]), 0.001);
      const vector = ops.reshape(ops.add(told, time), ['batch', 4, 1, 1]);
      return { out_hidden_states: ops.add(conv2d(scope.at('mix'), x, { out: 4, kernel: 3 }), vector) };
    },
  );
  await writePart(join(folder, 'transformer'), program, {
    _class_name: 'SD3Transformer2DModel',
    joint_attention_dim: 24,
    in_channels: 4,
    patch_size: 2,
    pos_embed_max_size: 16,
    sample_size: 8,
  });
  await writeVae(folder, 4);
  const parts = { transformer: 'SD3Transformer2DModel', text_encoder: 'C', text_encoder_2: 'C' };
  return writeRest(
    folder,
    { _class_name: 'StableDiffusion3Pipeline', ...components(parts), text_encoder_3: [null, null] },
    { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 },
  );
}

const asNumbers = (patches: Dim) => ({ shape: [patches, 3] }) as const;

/** Flux: CLIP pooled (8), a second CLIP in T5's place (12), packed latents of 4 channels. */
export async function fluxModel(): Promise<string> {
  const folder = await temporaryFolder();
  await writeText(folder, '', { width: 8, projects: false });
  await writeText(folder, '_2', { width: 12, projects: false });
  const program = trace(
    {
      hidden_states: { shape: ['batch', 'patches', 16] },
      encoder_hidden_states: { shape: ['batch', 'tokens', 12] },
      pooled_projections: { shape: ['batch', 8] },
      timestep: { shape: ['batch'] },
      guidance: { shape: ['batch'] },
      img_ids: asNumbers('patches'),
      txt_ids: asNumbers('tokens'),
    },
    (
      scope,
      {
        hidden_states: x,
        encoder_hidden_states: text,
        pooled_projections: pooled,
        timestep,
        guidance,
        img_ids,
        txt_ids,
      },
    ) => {
      const told = ops.add(
        linear(scope.at('text'), ops.reshape(ops.sum(text, [1]), ['batch', 12]), { out: 16 }),
        linear(scope.at('pooled'), pooled, { out: 16 }),
      );
      const numbers = ops.add(ops.reshape(timestep, ['batch', 1]), ops.mul(ops.reshape(guidance, ['batch', 1]), 0.01));
      const vector = ops.reshape(ops.add(told, numbers), ['batch', 1, 16]);
      const places = ops.add(linear(scope.at('places'), img_ids, { out: 16 }), ops.sum(txt_ids));
      return { out_hidden_states: ops.add(ops.add(linear(scope.at('mix'), x, { out: 16 }), places), vector) };
    },
  );
  await writePart(join(folder, 'transformer'), program, {
    _class_name: 'FluxTransformer2DModel',
    guidance_embeds: true,
    in_channels: 16,
    sample_size: 8,
  });
  await writeVae(folder, 4);
  const parts = { transformer: 'FluxTransformer2DModel', text_encoder: 'C', text_encoder_2: 'T' };
  return writeRest(
    folder,
    { _class_name: 'FluxPipeline', ...components(parts) },
    { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true, base_shift: 0.5, max_shift: 1.15 },
  );
}
