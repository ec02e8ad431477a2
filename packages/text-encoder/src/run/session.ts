import type { Tensor } from 'onnxruntime-common';
import { LascauxError, check } from '@lascaux/nn';

/** What a session declares about one of its inputs or outputs. */
export interface TensorDeclaration {
  readonly name: string;
  readonly isTensor: boolean;
  /** Element type, in ONNX Runtime's words: `int32`, `int64`, `float32` … */
  readonly type?: string;
  /** Sizes; symbolic ones are names. */
  readonly shape?: readonly (number | string)[];
}

/** The part of an ONNX Runtime session that a text encoder uses. */
export interface TextSession {
  readonly inputMetadata: readonly TensorDeclaration[];
  readonly outputMetadata: readonly TensorDeclaration[];
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** Names of the outputs a text encoder hands on; see `textOutputs`. */
export interface TextOutputs {
  readonly lastHiddenState: string;
  readonly pooled?: string;
  readonly hiddenState?: string;
  /** How many hidden states the graph hands out. */
  readonly hiddenStates: number;
}

const operation = 'text encoder';

/** `hidden_states.0` … in order, by number. */
function hiddenStateNames(names: readonly string[]): string[] {
  const number = (name: string): number => Number(name.slice('hidden_states.'.length));
  return names.filter((name) => /^hidden_states\.\d+$/.test(name)).sort((a, b) => number(a) - number(b));
}

/**
 * Finds a text encoder's outputs by name, whichever exporter wrote them: `last_hidden_state`; pooled as `text_embeds`
 * (with projection) or `pooler_output` (without); and the hidden state asked for.
 * @param hiddenState index into `hidden_states.*`, from the end when negative: −2 is the penultimate
 * @throws {LascauxError} when one of them is missing
 */
export function textOutputs({ outputMetadata }: TextSession, hiddenState?: number): TextOutputs {
  const names = outputMetadata.map(({ name }) => name);
  const lastHiddenState = 'last_hidden_state';
  check(names.includes(lastHiddenState), {
    operation,
    rule: `must have the output ${lastHiddenState}`,
    value: names.join(', '),
  });
  const pooled = ['text_embeds', 'pooler_output'].find((name) => names.includes(name));
  const states = hiddenStateNames(names);
  const outputs = { lastHiddenState, pooled, hiddenStates: states.length };
  if (hiddenState === undefined) return outputs;
  const hidden = states.at(hiddenState);
  check(hidden !== undefined, { operation, rule: `must have hidden state ${hiddenState}`, value: names.join(', ') });
  return { ...outputs, hiddenState: hidden };
}

/**
 * The dtype and, when it is fixed, the length of the sequences that `input_ids` takes.
 * @throws {LascauxError} when there is no such input, or one that a text encoder cannot fill
 */
export function textInputs({ inputMetadata }: TextSession): {
  idType: 'int32' | 'int64';
  length?: number;
  masked: boolean;
} {
  const ids = inputMetadata.find(({ name }) => name === 'input_ids');
  const names = inputMetadata.map(({ name }) => name);
  const unknown = names.find((name) => name !== 'input_ids' && name !== 'attention_mask');
  check(ids !== undefined, { operation, rule: 'must have the input input_ids', value: names.join(', ') });
  check(unknown === undefined, {
    operation,
    rule: 'has an input that is not known',
    value: unknown,
    accepted: ['input_ids', 'attention_mask'],
  });
  const length = ids.shape?.[1];
  if (ids.type !== 'int32' && ids.type !== 'int64') {
    throw new LascauxError({
      operation,
      rule: 'has input_ids of another type',
      value: ids.type,
      accepted: ['int32', 'int64'],
    });
  }
  return {
    idType: ids.type,
    length: typeof length === 'number' ? length : undefined,
    masked: names.includes('attention_mask'),
  };
}
