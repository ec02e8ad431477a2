import { check, LascauxError, nearestText } from '@lascaux/nn';
import { generateOptions, readOption, type GenerateOptionName } from '@lascaux/pipeline/options';
import { flagOf } from '../commands/flag-of.js';

/** One option and the values that it takes in turn. */
export interface GridAxis {
  readonly option: GenerateOptionName;
  /** As it is called on the sheet. */
  readonly name: string;
  readonly values: readonly { readonly value: unknown; readonly text: string }[];
}

/** Files cannot be listed on an axis, the prompt has alternatives of its own, and images of one call follow each other by seed. */
const WITHOUT_AXIS: ReadonlySet<string> = new Set(['image', 'mask', 'prompt', 'count']);
/** Values of an axis. */
const MOST = 1000;
/** Changes of a letter up to which a name is offered in place of another. */
const NEAR = 3;

const axisOptions = generateOptions
  .filter(([name]) => !WITHOUT_AXIS.has(name))
  .map(([option]) => ({ option, name: flagOf(option).slice('--'.length) }));

/** The option of a flag's or the library's name. @throws {LascauxError} (usage) naming the nearest */
export function optionCalled(written: string, where: string): { option: GenerateOptionName; name: string } {
  const found = axisOptions.find(({ option, name }) => name === written || option === written);
  if (found !== undefined) return found;
  const names = axisOptions.map(({ name }) => name);
  const near = nearestText(written, names, NEAR);
  throw new LascauxError({
    operation: where,
    rule: `there is no such option${near === undefined ? '' : ` (nearest: ${near})`}`,
    value: written,
    accepted: names,
    kind: 'usage',
  });
}

/** `4..8` is 4, 5, 6, 7, 8; anything else is itself. */
function listed(text: string): readonly string[] {
  const range = /^(-?\d+)\.\.(-?\d+)$/u.exec(text);
  if (range === null) return [text];
  const [first, last] = [Number(range[1]), Number(range[2])];
  const count = Math.abs(last - first) + 1;
  check(count <= MOST, { operation: '--grid', rule: `an axis may have ${MOST} values`, value: text, kind: 'usage' });
  return Array.from({ length: count }, (_, i) => String(first + Math.sign(last - first) * i));
}

/**
 * An axis as it is written: `steps=10,20`, `guidance=1,1.5,3`, `seed=1..8`, `scheduler=ddim,euler`.
 * @throws {LascauxError} (usage) naming what is wrong with it
 */
export function parseAxis(written: string): GridAxis {
  const equals = written.indexOf('=');
  check(equals > 0, {
    operation: '--grid',
    rule: 'must be NAME=VALUE,VALUE…',
    value: written,
    accepted: 'such as steps=10,20',
    kind: 'usage',
  });
  const { option, name } = optionCalled(written.slice(0, equals), '--grid');
  const values = written
    .slice(equals + 1)
    .split(',')
    .flatMap(listed)
    .map((text) => ({ text, value: readOption(option, text) }));
  check(values.length <= MOST, { operation: '--grid', rule: `an axis may have ${MOST} values`, kind: 'usage' });
  return { option, name, values };
}
