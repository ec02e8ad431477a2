import { check } from '@lascaux/nn';
import { GENERATE_OPTIONS, resolveSeed } from '@lascaux/pipeline/options';
import type { FlaggedOptions } from '../commands/generate-flags.js';
import type { BatchFlags } from './batch-flags.js';
import { parseAxis, type GridAxis } from './grid-axes.js';
import { readPromptList, type ListedPrompt } from './prompt-list.js';
import { choicesIn, promptMatrix } from './prompt-matrix.js';
import { Wildcards } from './wildcards.js';

/** One image of a batch. */
export interface BatchItem {
  readonly options: FlaggedOptions;
  /** What sets it apart from the others. */
  readonly label: string;
}

/** The images of a batch (docs/decisions/0166), in the order in which they are painted and laid out. */
export interface Batch {
  readonly items: readonly BatchItem[];
  /** Images in a row of the sheet; undefined where nothing says. */
  readonly columns: number | undefined;
}

/** Images of a batch. */
const MOST = 10_000;

/** Every choice of one value from each axis; the last axis changes first. */
const combinations = (axes: readonly GridAxis[]): readonly (readonly AxisChoice[])[] =>
  axes.reduce<readonly (readonly AxisChoice[])[]>(
    (sofar, { option, name, values }) =>
      sofar.flatMap((chosen) => values.map(({ value, text }) => [...chosen, { option, name, value, text }])),
    [[]],
  );

interface AxisChoice {
  readonly option: string;
  readonly name: string;
  readonly value: unknown;
  readonly text: string;
}

/**
 * The images that flags ask for: every prompt of the list (or the one prompt), with each of its alternatives, with each combination of the axes.
 * Where no seed is named, all have the same.
 * @throws {LascauxError} (usage) naming the flag that is wrong, or that asks for over 10,000 images
 */
export async function planBatch(options: FlaggedOptions, flags: BatchFlags): Promise<Batch> {
  check(options.count === undefined || options.count === 1, {
    operation: '--count',
    rule: 'does not go with several prompts or settings; name the seeds',
    value: options.count,
    accepted: '--grid seed=1..4',
    kind: 'usage',
  });
  const axes = (flags.grid ?? []).map(parseAxis);
  const twice = axes.find(({ option }, i) => axes.slice(0, i).some((other) => other.option === option));
  check(twice === undefined, { operation: '--grid', rule: 'names an option twice', value: twice?.name, kind: 'usage' });
  const listed: readonly ListedPrompt[] =
    flags.prompts === undefined ? [{ prompt: options.prompt }] : await readPromptList(flags.prompts);
  const seed = resolveSeed(options.seed ?? GENERATE_OPTIONS.seed.default);
  const prompts = listed.flatMap(({ prompt, ...own }) =>
    (flags.matrix === true ? promptMatrix(prompt) : [{ prompt, chosen: [] }]).map((made) => ({ ...made, own })),
  );
  const chosen = combinations(axes);
  check(prompts.length * chosen.length <= MOST, {
    operation: flags.prompts === undefined ? '--grid' : '--prompts',
    rule: `a batch may have ${MOST} images, and this has ${prompts.length * chosen.length}`,
    kind: 'usage',
  });
  const wildcards = flags.wildcards === undefined ? undefined : new Wildcards(flags.wildcards);
  const items: BatchItem[] = [];
  for (const { prompt, chosen: alternatives, own } of prompts)
    for (const choices of chosen) {
      const told = Object.fromEntries(choices.map(({ option, value }) => [option, value]));
      const all = { ...options, seed, ...own, ...told };
      const itemSeed = resolveSeed(all.seed);
      const text = wildcards === undefined ? prompt : await wildcards.drawn(prompt, itemSeed);
      const parts = [
        ...(flags.prompts === undefined && text === prompt ? alternatives : [text]),
        ...choices.map(({ name, text: value }) => `${name} ${value}`),
      ];
      items.push({ options: { ...all, seed: itemSeed, prompt: text }, label: parts.join(', ') });
    }
  return { items, columns: axes.at(-1)?.values.length ?? columnsOf(options.prompt, flags) };
}

/** The alternatives that change first stand in a row. */
function columnsOf(prompt: string, { matrix, prompts }: BatchFlags): number | undefined {
  if (matrix !== true || prompts !== undefined) return undefined;
  return choicesIn(prompt).at(-1)?.length;
}
