import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LascauxError, check } from '@lascaux/nn';
import { checkComponents } from './check-components.js';
import { checkIn } from './check-in.js';
import { checkLoras } from './check-loras.js';
import { checkOut } from './check-out.js';
import { checkSingleFiles } from './check-single-files.js';
import { agreementText, agrees } from './evaluate/agreement.js';
import { checkEvaluate } from './evaluate/check-evaluate.js';
import { findingText, holds, type Finding } from './finding.js';

const HELP = `npm run round-trip -- out|in|components|single-files|loras|evaluate [options]

out          opens a model of ours in Python and paints with it there     --model DIR (runs/mini/model, of npm run train:mini)
in           paints here with small random pipelines that diffusers saved, as optimum-onnx exports them and converted
components   converts small networks that diffusers and transformers saved alone, and compares what they give
single-files opens models in one file, in the original naming of each family, with diffusers' from_single_file
loras        adds a random LoRA in kohya's naming to a small pipeline, beside diffusers' fuse_lora
evaluate     numbers of pytorch-fid, clean-fid and torch-fidelity and ours, random weights     --count PICTURES (96)

--python PATH    a Python with tools/python-round-trip/requirements.txt   (python3)
--family NAME    of \`in\`: sd1, taesd, sd2, sdxl, inpainting, lcm, sd3, sd35, flux, schnell; may be repeated   (all)
--folder DIR     where cases and models go                                (runs/python-round-trip)`;

const FIXTURES = fileURLToPath(new URL('../test/fixtures', import.meta.url));

const OPTIONS = {
  model: { type: 'string', default: 'runs/mini/model' },
  python: { type: 'string', default: 'python3' },
  family: { type: 'string', multiple: true },
  folder: { type: 'string', default: 'runs/python-round-trip' },
  count: { type: 'string', default: '96' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new LascauxError({ operation: 'round-trip', rule: (cause as Error).message, kind: 'usage', cause });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return console.log(HELP);
  const accepted = ['out', 'in', 'components', 'single-files', 'loras', 'evaluate'] as const;
  const direction = accepted.find((name) => name === positionals[0]);
  check(direction !== undefined, {
    operation: 'round-trip',
    rule: 'must be one of those known',
    value: positionals[0] ?? '',
    accepted,
    kind: 'usage',
  });
  const { model, python, family: families } = values;
  const folder = join(values.folder, direction);
  if (direction === 'evaluate') return evaluate({ folder, python, count: wholeCount(values.count) });
  const directions: Readonly<Record<typeof direction, () => AsyncIterable<Finding>>> = {
    out: () => checkOut({ model, folder, python }),
    in: () => checkIn({ folder, python, families }),
    components: () => checkComponents({ folder, python }),
    loras: () => checkLoras({ fixtures: FIXTURES, folder, python }),
    'single-files': () => checkSingleFiles({ fixtures: FIXTURES, folder, python }),
  };
  const findings = directions[direction]();
  for await (const finding of findings) {
    console.log(findingText(finding));
    if (!holds(finding)) process.exitCode = 1;
  }
}

async function evaluate(options: Parameters<typeof checkEvaluate>[0]): Promise<void> {
  for await (const agreement of checkEvaluate(options)) {
    console.log(agreementText(agreement));
    if (!agrees(agreement)) process.exitCode = 1;
  }
}

/** Ten splits of the Inception Score, 64 dimensions and the mixture of forms need some pictures. */
function wholeCount(text: string): number {
  const count = Number(text);
  const rule = 'must be an even whole number from 66';
  check(Number.isSafeInteger(count) && count >= 66 && count % 2 === 0, {
    operation: '--count',
    rule,
    value: text,
    kind: 'usage',
  });
  return count;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof LascauxError && error.kind === 'usage' ? 2 : 1;
});
