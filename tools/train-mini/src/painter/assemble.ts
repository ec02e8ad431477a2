import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportPixArt } from '@lascaux/diffusion/train';
import { writeKnownWords } from '@lascaux/models';
import { writeFileAtomically } from '@lascaux/nn';
import { loadLexicon, loadPhrases, paintedWords, painterEmojis } from '@lascaux/scenes';
import { exportTextEncoder } from '@lascaux/text-encoder/train';
import { exportVae } from '@lascaux/vae/train';
import { painterVisionConfig } from './clip-stage.js';
import { painterDenoiserConfig, painterProcess, painterVaeConfig } from './networks.js';
import { painterVae } from './painter-vae.js';
import { finishedTextEncoder } from './finished-text-encoder.js';
import { stageWeights } from './stage-weights.js';
import { MAX_TOKENS } from './slot-tokens.js';
import { trainedTokenizer } from './tokenizer.js';

/** How the model paints where nothing else is said. */
export interface PainterDefaults {
  readonly steps: number;
  readonly guidance: number;
}

/** Options of `assemblePainter`. */
export interface AssemblePainterOptions {
  /** Folder of the stages' run folders. */
  readonly runs: string;
  /** The model folder; written anew. */
  readonly out: string;
  readonly defaults: PainterDefaults;
}

const indexOf = ({ steps, guidance }: PainterDefaults) => ({
  _class_name: 'PixArtAlphaPipeline',
  _diffusers_version: '0.35.0',
  _lascaux: { steps, guidance, size: 256 },
  image_encoder: ['transformers', 'CLIPVisionModelWithProjection'],
  scheduler: ['diffusers', 'DDIMScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  tokenizer: ['transformers', 'CLIPTokenizer'],
  transformer: ['diffusers', 'PixArtTransformer2DModel'],
  vae_decoder: ['diffusers', 'AutoencoderDC'],
  vae_encoder: ['diffusers', 'AutoencoderDC'],
});

/**
 * Writes the painter's model folder from the stages' newest checkpoints, their averaged weights in half precision.
 * @throws {LascauxError} naming a stage that has not run
 */
export async function assemblePainter({ runs, out, defaults }: AssemblePainterOptions): Promise<void> {
  const [clip, denoiser] = await Promise.all([stageWeights(runs, 'clip'), stageWeights(runs, 'denoiser')]);
  const vae = await painterVae(runs);
  const tokenizer = await trainedTokenizer(runs);
  const text = await finishedTextEncoder(runs, tokenizer);
  // Stale without its parts: the index comes last.
  await rm(join(out, 'model_index.json'), { force: true });
  await exportVae({ weights: vae.weights, scaling: vae.scaling, directory: out, config: painterVaeConfig });
  await exportTextEncoder({
    // The scores' own text encoder lacks the memory.
    weights: new Map([...clip, ...text.weights]),
    ...{ directory: out, tokenizer, text: text.config, vision: painterVisionConfig },
  });
  await exportPixArt({
    weights: denoiser,
    ...{ directory: out, config: painterDenoiserConfig, process: painterProcess, tokens: MAX_TOKENS },
  });
  const emojis = painterEmojis();
  const captions = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  await writeKnownWords(out, paintedWords(captions, emojis));
  await writeFileAtomically(join(out, 'model_index.json'), `${JSON.stringify(indexOf(defaults), null, 2)}\n`);
}
