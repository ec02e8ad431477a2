import { Command, Option } from 'commander';
import { wholeNumber } from '../commands/option-values.js';
import type { Terminal } from '../commands/terminal.js';
import type { NllPart } from '@lascaux/evaluator/evaluate';
import type { NllFlags } from './nll-run.js';

/** `evaluate nll`: bounds on the likelihood of a folder of pictures. */
export function nllCommand(terminal: Terminal): Command {
  const whole = (flag: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
    wholeNumber(flag, { minimum, maximum });
  const strata = whole('--timesteps', 1);
  return new Command('nll')
    .description(
      'bounds on the likelihood of pictures: ELBO and IWAE of the autoencoder, variational bound of the diffusion model',
    )
    .argument('<A>', 'folder of pictures, its test split where it has splits, or WebDataset .tar')
    .option('-m, --model <model>', 'model folder or hub id (default: the bundled lascaux-mini)')
    .option('--offline', 'take a model of the hub from the cache only')
    .option('--split <name>', 'split to read')
    .option('--skip-bad', 'leave out images of formats that are not read, instead of stopping', false)
    .option('-c, --count <n>', 'pictures, taken evenly (default: all)', whole('--count', 1))
    .option(
      '-k, --k <n>',
      'posterior samples of the ELBO and the importance-weighted bound',
      whole('--k', 1, 65_536),
      1,
    )
    .option(
      '--timesteps <n>',
      'strata of timesteps of the variational bound, or all',
      (text) => (text === 'all' ? text : strata(text)),
      24,
    )
    .addOption(
      new Option('--only <part>', 'one part of the bounds').choices([
        'autoencoder',
        'latent',
        'joint',
      ] satisfies readonly NllPart[]),
    )
    .option('--unconditional', 'leave the captions out', false)
    .option('-s, --seed <n>', 'seed of all noise', whole('--seed', 0), 0)
    .option('--size <n>', "width and height (default: the model's)", whole('--size', 8, 2048))
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--json', 'print one JSON object', false)
    .option('--report <file>', 'write a report page (HTML)')
    .action(async (images: string, flags: NllFlags) => {
      const { runNll } = await import('./nll-run.js');
      await runNll(images, flags, terminal);
    });
}
