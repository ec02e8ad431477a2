import { check, parametersOf, type ParameterSpec, type Program, type TensorFacts } from '@lascaux/nn';
import { weightNameCandidates } from '@lascaux/nn/networks';

/** Where a checkpoint holds a parameter. */
export interface MatchedWeight {
  readonly parameter: ParameterSpec;
  /** Its name in the checkpoint. */
  readonly source: string;
}

/** What `matchWeights` compares. */
interface MatchOptions {
  /** Names the component in errors. */
  readonly operation: string;
  readonly programs: readonly Program[];
  readonly entries: ReadonlyMap<string, TensorFacts>;
  /** Tensors that may be there without use. */
  readonly ignored?: RegExp;
}

/** [C, D, 1, 1] holds the same numbers as [C, D]: attention was once made of 1×1 convolutions. */
const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length >= b.length && a.every((size, axis) => (axis < b.length ? size === b[axis] : size === 1));

const list = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

function checkShape(operation: string, { parameter, source }: MatchedWeight, { shape }: TensorFacts): void {
  check(sameNumbers(shape, parameter.shape) || sameNumbers(parameter.shape, shape), {
    operation,
    rule: `tensor ${source} must be [${parameter.shape.join(', ')}] by config.json`,
    value: `[${shape.join(', ')}]`,
  });
}

/**
 * Finds each parameter of the programs in a checkpoint, under its own name or an older one.
 * @throws {LascauxError} naming tensors that are missing, of a wrong shape, or that belong to no part of the network
 */
export function matchWeights({ operation, programs, entries, ignored }: MatchOptions): readonly MatchedWeight[] {
  const parameters = new Map(programs.flatMap((program) => parametersOf(program)).map((spec) => [spec.name, spec]));
  const matched: MatchedWeight[] = [];
  const missing: string[] = [];
  for (const parameter of parameters.values()) {
    const source = weightNameCandidates(parameter.name).find((name) => entries.has(name));
    if (source === undefined) missing.push(parameter.name);
    else matched.push({ parameter, source });
  }
  check(missing.length === 0, {
    operation,
    rule: 'the weights lack tensors that config.json asks for',
    value: list(missing),
  });
  for (const match of matched) checkShape(operation, match, entries.get(match.source) as TensorFacts);
  const used = new Set(matched.map(({ source }) => source));
  const unexpected = [...entries.keys()].filter((name) => !used.has(name) && ignored?.test(name) !== true);
  check(unexpected.length === 0, {
    operation,
    rule: 'the weights hold tensors that config.json does not ask for',
    value: list(unexpected),
  });
  return matched;
}
