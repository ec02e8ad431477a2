import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { checkComponents } from './check-components.js';
import { checkIn } from './check-in.js';
import { checkOut } from './check-out.js';
import { findingText, holds, type Finding } from './finding.js';

const HELP = `npm run round-trip -- out|in|components [options]

out   opens a model of ours in Python and paints with it there     --model DIR (models/lascaux-mini)
in    paints here with small random pipelines that diffusers saved, as optimum-onnx exports them and converted
components   converts small networks that diffusers and transformers saved alone, and compares what they give

--python PATH    a Python with tools/python-round-trip/requirements.txt   (python3)
--family NAME    of \`in\`: sd1, taesd, sd2, sdxl, inpainting, lcm, sd3, sd35, flux, schnell; may be repeated   (all)
--folder DIR     where cases and models go                                (runs/python-round-trip)`;

const OPTIONS = {
  model: { type: 'string', default: 'models/lascaux-mini' },
  python: { type: 'string', default: 'python3' },
  family: { type: 'string', multiple: true },
  folder: { type: 'string', default: 'runs/python-round-trip' },
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
  const [direction] = positionals;
  check(direction === 'out' || direction === 'in' || direction === 'components', {
    operation: 'round-trip',
    rule: 'needs a direction',
    value: direction ?? '',
    accepted: ['out', 'in', 'components'],
    kind: 'usage',
  });
  const { model, python, family: families } = values;
  const folder = join(values.folder, direction);
  const directions: Readonly<Record<typeof direction, () => AsyncIterable<Finding>>> = {
    out: () => checkOut({ model, folder, python }),
    in: () => checkIn({ folder, python, families }),
    components: () => checkComponents({ folder, python }),
  };
  const findings = directions[direction]();
  for await (const finding of findings) {
    console.log(findingText(finding));
    if (!holds(finding)) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof LascauxError && error.kind === 'usage' ? 2 : 1;
});
