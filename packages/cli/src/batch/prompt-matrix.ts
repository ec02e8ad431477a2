import { check } from '@lascaux/nn';

/** Alternatives: at least one bar between braces. */
const CHOICE = /\{([^{}]*\|[^{}]*)\}/u;

/** The alternatives of a prompt as they stand there, group by group. */
export const choicesIn = (prompt: string): readonly (readonly string[])[] =>
  [...prompt.matchAll(new RegExp(CHOICE, 'gu'))].map(([, inside = '']) => inside.split('|'));

/** Prompts that one may stand for. */
const MOST = 10_000;

/** A prompt made of one that has alternatives. */
export interface MatrixPrompt {
  readonly prompt: string;
  /** The alternatives that were taken, in their order. */
  readonly chosen: readonly string[];
}

/**
 * Every prompt that the alternatives of one stand for: `a {red|blue} cat` is two. The last alternatives change first; braces without a bar stay
 * as they are.
 * @throws {LascauxError} (usage) when there are more than 10,000
 */
export function promptMatrix(prompt: string): readonly MatrixPrompt[] {
  const count = choicesIn(prompt).reduce((product, alternatives) => product * alternatives.length, 1);
  check(count <= MOST, {
    operation: '--matrix',
    rule: `a prompt may stand for ${MOST} prompts, and stands for ${count}`,
    kind: 'usage',
  });
  return expanded({ prompt, chosen: [] });
}

function expanded({ prompt, chosen }: MatrixPrompt): readonly MatrixPrompt[] {
  const found = CHOICE.exec(prompt);
  if (found === null) return [{ prompt, chosen }];
  const [choice, inside = ''] = found;
  return inside.split('|').flatMap((alternative) => {
    const taken = alternative.trim();
    const written = `${prompt.slice(0, found.index)}${taken}${prompt.slice(found.index + choice.length)}`;
    return expanded({ prompt: written.replace(/ {2,}/gu, ' ').trim(), chosen: [...chosen, taken] });
  });
}
