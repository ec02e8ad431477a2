import { Command, Option } from 'commander';
import type { TrainablePart } from '@lascaux/models/train';
import type { TrainFlags } from '../train/train-flags.js';
import { anyNumber, wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';
import { trainDefaults } from './train-defaults.js';

/** `train vae|text-encoder|denoiser`. The trainers and their engines are loaded only when one of them runs. */
export function trainCommand(terminal: Terminal): Command {
  return new Command('train')
    .description('train a part of a model on a folder of pictures')
    .addCommand(vaeCommand(terminal))
    .addCommand(textEncoderCommand(terminal))
    .addCommand(denoiserCommand(terminal));
}

const rateOption = (flag: string, { maximum }: { maximum: number }) => anyNumber(flag, { minimum: 0, maximum });
const wholeOption = (flag: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  wholeNumber(flag, { minimum, maximum });

function partCommand(part: TrainablePart, { terminal, needs }: { terminal: Terminal; needs: string }): Command {
  const usual = trainDefaults[part];
  return new Command(part)
    .requiredOption('--data <dir>', needs)
    .requiredOption('--out <dir>', 'run folder to write; the model goes to its model/')
    .option('--caption-column <name>', 'metadata column, or key of json in a .tar, with the captions (default: text)')
    .option('--config <file>', 'JSON file of options; flags win over it')
    .option('--resume', 'go on with the run in --out', false)
    .option('--images <n>', `pictures to see in all (default: ${usual.images})`, wholeOption('--images', 1))
    .option('--batch-size <n>', `pictures a step (default: ${usual.batchSize})`, wholeOption('--batch-size', 1, 65_536))
    .option('--rate <x>', `highest learning rate (default: ${usual.rate})`, rateOption('--rate', { maximum: 1 }))
    .option('--seed <n>', `seed (default: ${usual.seed})`, wholeOption('--seed', 0))
    .option(
      '--size <n>',
      `width and height of the pictures in pixels (default: ${usual.size})`,
      wholeOption('--size', 8, 2048),
    )
    .option('--engine <name>', 'onnx or tfjs (default: the fastest that is there)')
    .option('--device <name>', 'cpu, webgpu, cuda … (default: the fastest that the engine has)')
    .option(
      '--threads <n>',
      "threads of the engine on the cpu (default: the engine's choice)",
      wholeOption('--threads', 1, 1024),
    )
    .addOption(
      new Option('--dtype <name>', 'element type of the stored weights').choices(['F16', 'F32']).default('F16'),
    )
    .action(async (flags: TrainFlags) => {
      const { runTraining } = await import('../train/run-training.js');
      await runTraining({ part, flags, terminal });
    });
}

/** How a batch is shared among threads, and taken in turns. */
const sharedCommand = (command: Command): Command =>
  command
    .option(
      '--replicas <n>',
      'threads of the cpu that share each batch (default: what a short trial finds fastest)',
      wholeOption('--replicas', 1, 1024),
    )
    .option(
      '--accumulation <n>',
      'shares of a batch taken one after another, for less memory (default: 1)',
      wholeOption('--accumulation', 1, 65_536),
    );

function vaeCommand(terminal: Terminal): Command {
  return sharedCommand(partCommand('vae', { terminal, needs: 'folder of pictures, or WebDataset .tar' }))
    .description('train the autoencoder that makes latents of pictures and pictures of latents')
    .option(
      '--beta <x>',
      `weight of the divergence in the ELBO (default: ${trainDefaults.vae.beta})`,
      rateOption('--beta', { maximum: 1e6 }),
    )
    .option('--initial <dir>', "model folder whose VAE's weights are the first ones (default: they are drawn)")
    .option('--freeze-encoder', 'train the decoder alone, so that latents stay valid');
}

function textEncoderCommand(terminal: Terminal): Command {
  return partCommand('text-encoder', {
    terminal,
    needs: 'folder of pictures with captions, or WebDataset .tar',
  }).description('learn a tokenizer from the captions and train a CLIP on pictures and captions');
}

function denoiserCommand(terminal: Terminal): Command {
  return sharedCommand(
    partCommand('denoiser', { terminal, needs: 'folder of pictures with captions, or WebDataset .tar' }),
  )
    .description('train the network that makes latents of noise, and write the complete model')
    .requiredOption('--vae <dir>', 'model folder or finished run with the VAE')
    .requiredOption('--text-encoder <dir>', 'model folder or finished run with the text encoder')
    .option(
      '--dropout <x>',
      `share of captions dropped, for guidance (default: ${trainDefaults.denoiser.dropout})`,
      rateOption('--dropout', { maximum: 1 }),
    )
    .option(
      '--gamma <x>',
      `γ of min-SNR weighting (default: ${trainDefaults.denoiser.gamma})`,
      anyNumber('--gamma', { minimum: 1e-6, maximum: 1e6 }),
    )
    .option('--initial <dir>', "model folder whose denoiser's weights are the first ones (default: they are drawn)");
}
