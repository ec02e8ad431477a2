import { parseArgs } from 'node:util';
import { printable } from '@lascaux/nn';
import { bombs } from './bombs/index.js';
import { runBomb } from './bombs/run-bomb.js';
import { runTarget } from './mutations/run-target.js';
import { shortage } from './shortage/index.js';
import { kills } from './kills/index.js';
import { slowTargets, targets } from './targets/index.js';

const HELP = `npm run fuzz -- mutate|bombs|kills|shortage|short [options]

mutate    right files of every format, changed: --cases N for each format (1000, a tenth of it for slow ones), --seed N (1), --only NAME,…
bombs     small inputs that ask for much, each in a process of its own: --only WORDS
kills     a process is killed at random moments, and goes on: --only train,convert,evaluate --count N (20 each), --seed N
shortage  a full disk, and few file descriptors
short     a minute of the first two, as in continuous integration

Nothing may take more than 5 s or 1 GB, or end in anything but a result or one clear line. Exit code 1 where something did.`;

interface Arguments {
  readonly seed: number;
  readonly cases: number;
  readonly count: number;
  readonly only: readonly string[] | undefined;
}

const print = (line: string): void => void process.stdout.write(`${printable(line)}\n`);
const chosen = (names: readonly string[], only: readonly string[] | undefined): readonly string[] =>
  only === undefined ? names : names.filter((name) => only.some((part) => name.includes(part)));

async function mutate({ seed, cases, only }: Arguments): Promise<number> {
  const sums = { cases: 0, read: 0, refused: 0, faults: 0 };
  for (const target of chosen(Object.keys(targets), only)) {
    const share = slowTargets.has(target) ? Math.ceil(cases / 10) : cases;
    const tally = await runTarget(target, { seed, cases: share });
    print(
      `${target}: ${tally.cases} cases, ${tally.read} read, ${tally.refused} refused, ${tally.faults.length} faults; ` +
        `slowest ${tally.slowest.toFixed(2)} s, ${Math.round(tally.peakBytes / 2 ** 20)} MB`,
    );
    for (const fault of tally.faults.slice(0, 20)) print(`  ${fault}`);
    sums.cases += tally.cases;
    sums.read += tally.read;
    sums.refused += tally.refused;
    sums.faults += tally.faults.length;
  }
  print(`all: ${sums.cases} cases, ${sums.read} read, ${sums.refused} refused, ${sums.faults} faults`);
  return sums.faults;
}

async function explode({ only }: Arguments): Promise<number> {
  let faults = 0;
  for (const name of chosen(Object.keys(bombs), only)) {
    const { verdict, words, seconds, peakBytes, fault } = await runBomb(name);
    if (fault !== undefined) faults++;
    const cost = `${seconds.toFixed(1)} s, ${Math.round(peakBytes / 2 ** 20)} MB`;
    print(`${fault === undefined ? 'ok' : 'FAULT'}: ${name}: ${verdict}, ${cost}${words === '' ? '' : `: ${words}`}`);
  }
  print(`all: ${faults} faults`);
  return faults;
}

/** Few cases of all formats, and the bombs that need no gigabytes to be made. */
async function short({ seed, only }: Arguments): Promise<number> {
  const quick = [
    'pth whose',
    '500,000',
    '60 megapixels',
    'SVG',
    'npz that says',
    'tar with',
    'pattern',
    'scheduler',
    'prompt',
  ];
  return (
    (await mutate({ seed, cases: 60, count: 0, only })) +
    (await explode({ seed, cases: 0, count: 0, only: only ?? quick }))
  );
}

const commands: Readonly<Record<string, (options: Arguments) => Promise<number>>> = {
  mutate,
  bombs: explode,
  kills: (options) => kills(options, print),
  shortage: () => shortage(print),
  short,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '1000' },
    count: { type: 'string', default: '20' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const command = commands[positionals[0] ?? ''];
if (values.help || command === undefined) {
  process.stdout.write(`${HELP}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const numbers = { seed: Number(values.seed), cases: Number(values.cases), count: Number(values.count) };
  process.exitCode = (await command({ ...numbers, only: values.only?.split(',') })) === 0 ? 0 : 1;
}
