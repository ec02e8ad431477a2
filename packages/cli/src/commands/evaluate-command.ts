import { Command, InvalidArgumentError, Option } from 'commander';
import type { EvaluateFlags } from '../evaluate/evaluate-flags.js';
import { nllCommand } from '../evaluate/nll-command.js';
import type { MetricName } from '../evaluate/run-evaluation.js';
import { wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

const MANY = Number.MAX_SAFE_INTEGER;
const whole = (flag: string, minimum: number, maximum = MANY) => wholeNumber(flag, { minimum, maximum });

/** `evaluate fid|kid|is|prc|clip|cmmd|accuracy`: one subcommand a metric; networks are loaded only when one runs. */
export function evaluateCommand(terminal: Terminal): Command {
  return new Command('evaluate')
    .description('judge pictures: FID and its family, CLIP score, classification accuracy, likelihood')
    .addCommand(fidCommand(terminal))
    .addCommand(kidCommand(terminal))
    .addCommand(inceptionScoreCommand(terminal))
    .addCommand(precisionRecallCommand(terminal))
    .addCommand(clipCommand(terminal))
    .addCommand(cmmdCommand(terminal))
    .addCommand(accuracyCommand(terminal))
    .addCommand(nllCommand(terminal));
}

const SETS =
  'a folder of pictures (imagefolder), WebDataset .tar, sprites (a .png, each line of pixels a picture), .npy features';

function fidCommand(terminal: Terminal): Command {
  return pairCommand('fid', 'Fréchet distance (FID) of two sets', {
    terminal,
    statistics: true,
    optionalB: true,
  }).option('--save <file>', 'write the statistics of A (.npz), or its features (.npy), for next time');
}

function kidCommand(terminal: Terminal): Command {
  return pairCommand('kid', 'kernel Inception distance (KID) of two sets', { terminal })
    .option('--subsets <n>', 'random subsets', whole('--subsets', 1), 100)
    .option('--subset-size <n>', 'pictures of each set in a subset', whole('--subset-size', 2), 1000)
    .option('--seed <n>', 'seed of the subsets', whole('--seed', 0, 2 ** 32 - 1), 2020);
}

function inceptionScoreCommand(terminal: Terminal): Command {
  return metricCommand('is', 'Inception Score of a set', terminal)
    .argument('<A>', SETS)
    .addOption(weightsOption())
    .addOption(conventionOption())
    .option('--splits <n>', 'parts that are scored on their own', whole('--splits', 1), 10)
    .option('--seed <n>', 'seed of the shuffle before the splits', whole('--seed', 0, 2 ** 32 - 1), 2020);
}

function precisionRecallCommand(terminal: Terminal): Command {
  return pairCommand('prc', 'precision, recall, density and coverage of A beside B', { terminal }).option(
    '--k <n>',
    'neighbours (default: 3 for precision and recall, 5 for density and coverage)',
    whole('--k', 1),
  );
}

function clipCommand(terminal: Terminal): Command {
  return metricCommand('clip', 'CLIP score: how well the pictures of a set fit their captions', terminal)
    .argument('<A>', 'a folder of pictures with captions, or a WebDataset .tar')
    .addOption(modelOption('with text_encoder/, tokenizer/ and image_encoder/'))
    .addOption(offlineOption())
    .option('--caption-column <name>', 'metadata column of the captions (default: text)');
}

function cmmdCommand(terminal: Terminal): Command {
  return metricCommand('cmmd', 'CMMD: maximum mean discrepancy of two sets in CLIP features', terminal)
    .argument('<A>', SETS)
    .argument('<B>', SETS)
    .addOption(modelOption('with image_encoder/'))
    .addOption(offlineOption());
}

function accuracyCommand(terminal: Terminal): Command {
  return metricCommand('accuracy', 'classification accuracy of a set under an ONNX classifier', terminal)
    .argument('<A>', 'a folder with a folder for each class, or with labels in its metadata')
    .requiredOption('--classifier <file>', 'model.onnx: pixels [batch, 3, S, S] in [-1, 1] → a score for each class')
    .option(
      '--classes <file>',
      'class names in the order of the scores, one a line (default: those in config.json beside it)',
    )
    .option(
      '--mean <r,g,b>',
      'of the channels in [0, 1] as the classifier was trained (default: 0.5,0.5,0.5)',
      readTriple,
    )
    .option('--deviation <r,g,b>', 'the same of their deviation (default: 0.5,0.5,0.5)', readTriple)
    .option('--label-column <name>', 'metadata column of the labels (default: label)')
    .option('--k <n>', 'the label counts when it is among the k best', whole('--k', 1), 1);
}

/** A metric over two sets in features of the user's choice. */
function pairCommand(
  name: MetricName,
  description: string,
  {
    terminal,
    statistics = false,
    optionalB = false,
  }: { terminal: Terminal; statistics?: boolean; optionalB?: boolean },
): Command {
  const sets = statistics ? `${SETS}, .npz statistics` : SETS;
  return metricCommand(name, description, terminal)
    .argument('<A>', `generated: ${sets}`)
    .argument(optionalB ? '[B]' : '<B>', 'real: the same kinds')
    .addOption(new Option('--features <name>', 'network').choices(['inception', 'clip']).default('inception'))
    .addOption(weightsOption())
    .addOption(
      new Option('--dims <n>', 'features: 64, 192, 768, 2048 (the usual) or logits')
        .default(2048)
        .argParser(readDimensions),
    )
    .addOption(conventionOption())
    .addOption(modelOption('for --features clip'))
    .addOption(offlineOption());
}

function metricCommand(name: MetricName, description: string, terminal: Terminal): Command {
  return new Command(name)
    .description(description)
    .option('--batch-size <n>', 'pictures at a time', whole('--batch-size', 1, 4096), 16)
    .option('--threads <n>', "threads of the network (default: ONNX Runtime's choice)", whole('--threads', 1, 1024))
    .option('--device <name>', 'execution provider: cpu, webgpu, cuda …', 'cpu')
    .option('--cache <dir>', "where features are kept (default: the user's cache folder)")
    .option('--no-cache', 'keep no features')
    .option('--min <n>', 'fewest pictures a set may have (default: 2048 for fid)', whole('--min', 1))
    .option(
      '--skip-bad',
      'leave out images that cannot be read, broken ones and other formats, instead of stopping',
      false,
    )
    .addOption(
      new Option('--alpha <how>', 'transparency: ignore it as the Python tools do, or put white behind')
        .choices(['ignore', 'white'])
        .default('ignore'),
    )
    .option('--sprites', 'the pictures in a folder are sprites: each line of pixels is a square picture', false)
    .option('--split <name>', 'split of a folder that has train/, test/ …')
    .option('--json', 'print one JSON object', false)
    .option('--report <file.html>', 'write a page with numbers, pictures and curves')
    .action(async (...args: unknown[]) => {
      const command = args.at(-1) as Command;
      const { runEvaluation } = await import('../evaluate/run-evaluation.js');
      await runEvaluation(name, { paths: command.args, flags: command.opts<EvaluateFlags>(), terminal });
    });
}

const modelOption = (what: string) =>
  new Option('-m, --model <model>', `model folder or hub id, ${what} (default: the bundled one)`);

const offlineOption = () => new Option('--offline', 'take a model of the hub from the cache only');

const weightsOption = () =>
  new Option(
    '--weights <file>',
    "Inception weights, .pth or .safetensors (default: pytorch-fid's, downloaded once, 95 MB)",
  );

const conventionOption = () =>
  new Option('--convention <name>', 'whose resize: torch (pytorch-fid), clean (clean-fid) or tf1 (torch-fidelity)')
    .default('pytorch-fid')
    .argParser(readConvention);

const conventions: Readonly<Record<string, EvaluateFlags['convention']>> = {
  torch: 'pytorch-fid',
  clean: 'clean-fid',
  tf1: 'torch-fidelity',
  'pytorch-fid': 'pytorch-fid',
  'clean-fid': 'clean-fid',
  'torch-fidelity': 'torch-fidelity',
};

function readConvention(name: string): EvaluateFlags['convention'] {
  const convention = conventions[name];
  if (convention === undefined)
    throw new InvalidArgumentError(`It must be one of ${Object.keys(conventions).join(', ')}.`);
  return convention;
}

function readTriple(text: string): readonly number[] {
  const values = text.split(',').map(Number);
  if (values.length === 3 && values.every(Number.isFinite)) return values;
  throw new InvalidArgumentError('It must be three numbers with commas between them.');
}

const dimensions: Readonly<Record<string, EvaluateFlags['dims']>> = {
  64: 64,
  192: 192,
  768: 768,
  2048: 2048,
  logits: 1008,
};

function readDimensions(name: string): EvaluateFlags['dims'] {
  const found = dimensions[name];
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${Object.keys(dimensions).join(', ')}.`);
  return found;
}
