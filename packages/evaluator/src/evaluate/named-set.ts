import type { EvaluationSet } from './evaluation-options.js';

/** A set, and what errors call it: its path, or the option that holds it. */
export interface NamedSet {
  readonly path: string;
  readonly set: EvaluationSet;
}

/** The sets that are there, with their names. */
export const namedSets = (sets: Readonly<Record<string, EvaluationSet | undefined>>): readonly NamedSet[] =>
  Object.entries(sets).flatMap(([option, set]) =>
    set === undefined ? [] : [{ path: typeof set === 'string' ? set : option, set }],
  );
