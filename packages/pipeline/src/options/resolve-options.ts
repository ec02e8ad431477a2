import { check } from '@lascaux/nn';
import { checkNeeds, checkOption } from './check-options.js';
import type { GenerateDefaults } from './generate-defaults.js';
import { generateOptions, type DefaultContext } from './generate-option-table.js';
import type { GenerateOptions, ResolvedOptions } from './generate-options.js';
import { defaultOf } from './option-defaults.js';
import { checkSize, type SizeRules } from './size-rules.js';

/**
 * Fills in a call's defaults and checks every value; the image and the mask, which are checked too, are not among what it gives.
 * @param model the model's own settings
 * @throws LascauxError (usage) naming the option, the value and what is accepted.
 */
export function resolveOptions(options: GenerateOptions, model: GenerateDefaults, sizes: SizeRules): ResolvedOptions {
  checkNeeds(options);
  const context: DefaultContext = { model, image: options.image, mask: options.mask };
  const filled = generateOptions.flatMap(([name, row]) => {
    const { [name]: value = defaultOf(row, context) } = options;
    if (value !== undefined || name === 'prompt') checkOption(name, value);
    return value === undefined || row.isBytes ? [] : [[name, value] as const];
  });
  const resolved = Object.fromEntries(filled) as unknown as ResolvedOptions;
  checkSize(resolved, sizes);
  const seed = resolveSeed(resolved.seed);
  check(Number.isSafeInteger(seed + (resolved.count - 1)), {
    option: 'seed',
    rule: 'every image must have a seed below 2^53',
    value: seed,
    kind: 'usage',
  });
  return { ...resolved, seed };
}

/** A random seed below 2³², where every other program accepts it too. */
const drawSeed = (): number => globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;

/** The seed to use: the one given, or a random one for −1 (the habit of AUTOMATIC1111's users). */
export const resolveSeed = (seed: number): number => (seed === -1 ? drawSeed() : seed);
