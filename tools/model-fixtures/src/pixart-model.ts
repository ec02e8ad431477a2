import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@lascaux/nn';
import {
  autoencoderDCConfig,
  dcDecoderProgram,
  dcEncoderProgram,
  pixArtConfig,
  pixArtProgram,
  t5Config,
  t5EncoderProgram,
} from '@lascaux/nn/networks';
import { writeComponent } from '@lascaux/nn/onnx';
import { initializeParameters } from '@lascaux/training';
import { DIFFUSERS, readTensors, TRANSFORMERS } from './component-files.js';
import { awakeParameters, components, TOKENS, writePart, writeRest, writeText, writeVae } from './family-model.js';
import { temporaryFolder } from './tiny-model.js';

// PixArt in miniature, twice: as this repository's training writes it, and as diffusers saves it.

const CELLS = 8;
const free = { batch: 'batch', height: 'height', width: 'width' } as const;
const transformer = {
  num_attention_heads: 2,
  attention_head_dim: 4,
  in_channels: 4,
  num_layers: 1,
  sample_size: CELLS,
};

/** PixArt with a CLIP: 8 cells of a side, patches of one cell, all tokens read, velocity, an AutoencoderDC. */
export async function pixArtModel(): Promise<string> {
  const folder = await temporaryFolder();
  await writeText(folder, '', { width: 8, projects: false });
  const config = pixArtConfig({ ...transformer, out_channels: 4, patch_size: 1, cross_attention_dim: 8 });
  const program = pixArtProgram(config, { batch: 'batch', height: CELLS, width: CELLS, tokens: TOKENS });
  await writeComponent(join(folder, 'transformer'), {
    program,
    config: { _class_name: 'PixArtTransformer2DModel', _lascaux: { latent_size: CELLS }, ...config },
    weights: initializeParameters(awakeParameters(program), 'transformer'),
  });
  const vae = autoencoderDCConfig({
    latent_channels: 4,
    encoder_block_out_channels: [4, 8],
    encoder_layers_per_block: [1, 1],
    decoder_block_out_channels: [4, 8],
    decoder_layers_per_block: [1, 1],
    block_out_channels: [4, 8],
    has_log_variance: true,
  });
  await writePart(join(folder, 'vae_encoder'), dcEncoderProgram(vae, free), { ...vae });
  await writePart(join(folder, 'vae_decoder'), dcDecoderProgram(vae, free), { ...vae });
  const parts = {
    transformer: 'PixArtTransformer2DModel',
    text_encoder: 'CLIPTextModel',
    tokenizer: 'CLIPTokenizer',
    vae_decoder: 'AutoencoderDC',
    vae_encoder: 'AutoencoderDC',
  };
  return writeRest(
    folder,
    { _class_name: 'PixArtAlphaPipeline', ...components(parts) },
    {
      _class_name: 'DDIMScheduler',
      prediction_type: 'v_prediction',
      clip_sample: false,
      timestep_spacing: 'trailing',
      set_alpha_to_one: true,
      steps_offset: 0,
    },
  );
}

/** Log probabilities: "cat" (−3) beats "c" + "at" (−4); "Cat" is another piece. */
const PIECES: readonly (readonly [string, number])[] = [
  ['<pad>', 0],
  ['</s>', 0],
  ['<unk>', 0],
  ['▁a', -1],
  ['▁cat', -3],
  ['▁c', -2],
  ['at', -2],
  ['▁Cat', -3],
  ['▁dog', -3],
];
const SPECIAL = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const METASPACE = { type: 'Metaspace', replacement: '▁', add_prefix_space: true };

async function writeT5Tokenizer(folder: string): Promise<void> {
  const tokenizer = {
    version: '1.0',
    added_tokens: PIECES.slice(0, 3).map(([content], id) => ({ id, content, ...SPECIAL })),
    normalizer: null,
    pre_tokenizer: METASPACE,
    post_processor: null,
    decoder: METASPACE,
    model: { type: 'Unigram', unk_id: 2, vocab: PIECES },
  };
  const config = { tokenizer_class: 'T5Tokenizer', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };
  await mkdir(folder);
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
}

/**
 * PixArt as diffusers saves it, without graphs: T5 of 12 channels, a network that is told the picture's size and predicts a
 * variance beside the noise.
 */
export async function pixArtCheckpoint(className = 'PixArtAlphaPipeline'): Promise<string> {
  const folder = await temporaryFolder();
  const text = t5Config({ vocab_size: PIECES.length, d_model: 12, d_kv: 4, d_ff: 16, num_layers: 1, num_heads: 2 });
  const encoder = t5EncoderProgram(text, { batch: 'batch', tokens: 2, masked: true });
  await writeComponent(join(folder, 'text_encoder'), {
    program: encoder,
    config: { architectures: ['T5EncoderModel'], ...text },
    weights: initializeParameters(awakeParameters(encoder), 'text_encoder'),
    weightsFile: TRANSFORMERS,
  });
  await writeT5Tokenizer(join(folder, 'tokenizer'));
  const config = pixArtConfig({
    ...{ ...transformer, attention_head_dim: 6, out_channels: 8, patch_size: 2 },
    ...{ cross_attention_dim: 12, caption_channels: 12, use_additional_conditions: true },
  });
  const network = pixArtProgram(config, { batch: 'batch', height: CELLS, width: CELLS, tokens: 2, masked: true });
  await writeComponent(join(folder, 'transformer'), {
    program: network,
    config: { _class_name: 'PixArtTransformer2DModel', ...config },
    weights: initializeParameters(awakeParameters(network), 'transformer'),
  });
  await joinVae(folder);
  for (const part of ['text_encoder', 'transformer']) await rm(join(folder, part, 'model.onnx'));
  const parts = {
    transformer: 'PixArtTransformer2DModel',
    text_encoder: 'T5EncoderModel',
    tokenizer: 'T5Tokenizer',
    vae: 'AutoencoderKL',
    scheduler: 'DPMSolverMultistepScheduler',
  };
  return writeRest(
    folder,
    { _class_name: className, ...components(parts) },
    { _class_name: 'DPMSolverMultistepScheduler', beta_schedule: 'linear', beta_start: 0.0001, beta_end: 0.02 },
  );
}

/** An autoencoder as one component. */
async function joinVae(folder: string): Promise<void> {
  await writeVae(folder, 4);
  const halves = ['vae_encoder', 'vae_decoder'].map((part) => join(folder, part));
  const [encoder, decoder] = await Promise.all(halves.map((half) => readTensors(join(half, DIFFUSERS))));
  await mkdir(join(folder, 'vae'));
  await cp(join(folder, 'vae_encoder', 'config.json'), join(folder, 'vae', 'config.json'));
  await writeSafetensors(join(folder, 'vae', DIFFUSERS), { ...encoder, ...decoder });
  for (const half of halves) await rm(half, { recursive: true });
}
