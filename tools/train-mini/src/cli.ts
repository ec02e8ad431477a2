import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChainStep } from './steps.js';
import { trainingSteps } from './steps.js';

const HELP = `npm run train:mini -- [options]
  --data DIR                folder of the scenes                (data/scenes)
  --runs DIR                folder of the run folders           (runs/mini)
  --model DIR               model folder to write               (runs/mini/model)
  --scenes N                pictures to make                    (24000)
  --images-vae N            pictures each training sees         (20000)
  --images-text-encoder N                                       (24000)
  --images-denoiser N                                           (290000)
  --images-decoder N                                            (76000)
  --threads N               threads of the engine on the cpu
Run again, it goes on where it stopped.`;

const COUNTS = ['scenes', 'images-vae', 'images-text-encoder', 'images-denoiser', 'images-decoder', 'threads'] as const;
const NAMES = ['data', 'runs', 'model', ...COUNTS];

/** Wrong usage: exit code 2. */
class UsageError extends Error {}

function readArguments(): Map<string, string> {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function countOf(values: ReadonlyMap<string, string>, name: (typeof COUNTS)[number], fallback: number): number {
  const text = values.get(name);
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`--${name}: must be a whole number above 0, got "${text}"`);
}

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Arguments of node that start a step's program. */
const programs: Readonly<Record<ChainStep['program'], readonly string[]>> = {
  lascaux: [join(folderOf('@lascaux/cli'), 'bin', 'lascaux.js')],
  scenes: ['--conditions=@lascaux/source', '--import', 'tsx', join(folderOf('@lascaux/scenes'), 'src', 'cli.ts')],
};

/** Runs a step with our own terminal and returns its exit code. Ctrl-C reaches it directly: we only wait for it. */
function run({ program, argv }: ChainStep): Promise<number> {
  const child = spawn(process.execPath, [...programs[program], ...argv], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const values = readArguments();
  if (values.has('help')) {
    console.log(HELP);
    return 0;
  }
  const runs = values.get('runs') ?? 'runs/mini';
  const model = values.get('model') ?? 'runs/mini/model';
  const steps = trainingSteps({
    data: values.get('data') ?? 'data/scenes',
    runs,
    scenes: countOf(values, 'scenes', 24_000),
    imagesVae: countOf(values, 'images-vae', 20_000),
    imagesTextEncoder: countOf(values, 'images-text-encoder', 24_000),
    imagesDenoiser: countOf(values, 'images-denoiser', 290_000),
    imagesDecoder: countOf(values, 'images-decoder', 76_000),
    ...(values.has('threads') ? { threads: countOf(values, 'threads', 1) } : {}),
  });
  process.on('SIGINT', () => undefined);
  for (const [index, step] of steps.entries()) {
    if (step.product !== undefined && existsSync(step.product)) continue;
    console.error(`step ${index + 1} of ${steps.length}: ${step.name}`);
    const exitCode = await run(step);
    if (exitCode !== 0) return exitCode;
  }
  await cp(join(runs, 'denoiser', 'model'), model, { recursive: true });
  await cp(join(runs, 'decoder', 'model'), model, { recursive: true });
  console.log(`${model}: try npx lascaux generate "a cat" --model ${model} --out cat.png`);
  return 0;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
