import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadNouns } from './nouns.js';
import { SceneOptions } from './options.js';
import { writeScenes } from './write.js';

const HELP = `npm run scenes -- --out DIR [options]
  --out DIR           imagefolder to make: train/, test/, ATTRIBUTION.md, scenes.json
  --overwrite         replace DIR when it exists
  --count N           pictures in train/                                      (24000)
  --test-count N      pictures in test/, made of held-out combinations only   (count/20)
  --seed N            seed of the scenes                                      (1)
  --size N            pixels of a side                                        (64)
  --nouns NAME|FILE   everyday, all, or a JSON file of {word, emoji, plural, article} (everyday)
  --jitter X          0: centred; 1: any size from 0.55 to 0.95, anywhere in the frame (0)
  --mirror P          probability of mirroring a drawing                      (0)
  --singles W --several W --relations W   weights of the kinds of scene       (1 0 0)
  --fluent W --noto W --twemoji W         weights of the art styles           (.5 .25 .25)
  --white P           share of scenes on the white ground                     (.2)
  --held-out-seed N   seed of the held-out combinations                       (0)`;

const NAMES = [
  ...['out', 'count', 'test-count', 'seed', 'size', 'nouns', 'jitter', 'mirror', 'singles', 'several', 'relations'],
  ...['fluent', 'noto', 'twemoji', 'white', 'held-out-seed'],
];

/** Wrong usage: exit code 2. */
class UsageError extends Error {}

function readArguments(): Map<string, string> {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      options: { ...options, overwrite: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

interface Range {
  readonly fallback: number;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

function numberOf(values: ReadonlyMap<string, string>, name: string, range: Range): number {
  const { fallback, min = 0, max = Number.MAX_SAFE_INTEGER, whole = false } = range;
  const text = values.get(name);
  const value = text === undefined ? fallback : text.trim() === '' ? NaN : Number(text);
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw new UsageError(`--${name}: must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

async function main(): Promise<void> {
  const values = readArguments();
  if (values.has('help')) return console.log(HELP);
  const out = values.get('out');
  if (!out) throw new UsageError('--out: must name the folder to make, got nothing');
  const overwrite = values.has('overwrite');
  if (existsSync(out) && !overwrite) throw new UsageError(`--out: must not exist without --overwrite, got "${out}"`);
  const share = (name: string, fallback: number): number => numberOf(values, name, { fallback, max: 1 });
  const weight = (name: string, fallback: number): number => numberOf(values, name, { fallback });
  const whole = (name: string, fallback: number, min = 0): number =>
    numberOf(values, name, { fallback, min, whole: true });
  const count = whole('count', 24_000);
  const testCount = whole('test-count', Math.floor(count / 20));
  const scenes = SceneOptions.parse({
    jitter: share('jitter', 0),
    mirror: share('mirror', 0),
    singles: weight('singles', 1),
    several: weight('several', 0),
    relations: weight('relations', 0),
    styles: { fluent: weight('fluent', 0.5), noto: weight('noto', 0.25), twemoji: weight('twemoji', 0.25) },
    white: share('white', 0.2),
    heldOutSeed: whole('held-out-seed', 0),
  });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('stopped; nothing was written')));
  const started = performance.now();
  const total = count + testCount;
  await writeScenes({
    ...{ out, overwrite, count, testCount, scenes, signal: stop.signal },
    seed: whole('seed', 1),
    size: whole('size', 64, 8),
    nouns: loadNouns(values.get('nouns') ?? 'everyday'),
    onProgress: (written) => {
      if (process.stderr.isTTY && written % 200 === 0) process.stderr.write(`\r${written}/${total}`);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${out}: ${count} train and ${testCount} test pictures in ${seconds.toFixed(1)} s`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
