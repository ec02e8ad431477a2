import { printable } from './printable.js';

/** Whose mistake an error is: `usage` (the caller can mend the input; exit code 2) or `failure` (it went wrong; exit code 1). */
export type ErrorKind = 'usage' | 'failure';

/** What mends a wrong input: a call of the library. A command line shows its own command for it. */
export interface Remedy {
  /** The function to call, e.g. `convertModel`. */
  readonly call: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** The command, where a command line has recorded one. */
  readonly command?: string;
}

/** The facts of an error; the message is made from them. */
export type LascauxErrorFacts = ErrorFacts &
  (
    | {
        /** What was being done, e.g. `generate` or `safetensors`. */
        readonly operation: string;
        readonly option?: string;
      }
    | {
        readonly operation?: string;
        /** The option of a call that has the wrong value, e.g. `guidanceScale`; a command line shows its own name for it. */
        readonly option: string;
      }
  );

interface ErrorFacts {
  /** The rule that was broken, in a few words. */
  readonly rule: string;
  /** The offending value, shown after "got". */
  readonly value?: unknown;
  /** The values that would have been accepted. */
  readonly accepted?: readonly string[] | string;
  /** What mends it; the rule ends in words that lead to it, such as "go on with". */
  readonly remedy?: Remedy;
  /** Defaults to `failure`. */
  readonly kind?: ErrorKind;
  readonly cause?: unknown;
}

const show = (value: unknown): string => {
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return shortened(text, 200);
};

const shortened = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

/** Room for two long paths and a few words. */
const LONGEST_RULE = 2000;

/** One line, whatever the text was. */
const oneLine = (text: string): string => printable(text.replace(/\s*[\r\n]+\s*/g, ' '));

/** A JSON value as text for an error; nesting too deep to be written is said in words. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (error) {
    if (error instanceof RangeError) return 'a value nested too deeply';
    throw error;
  }
}

/** `: convertModel({ model: "a", out: "b" })`. */
function remedyText(remedy: Remedy | undefined): string {
  if (remedy === undefined) return '';
  const options = Object.entries(remedy.options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `: ${remedy.call}({ ${options.join(', ')} })`;
}

/** The one error class of the project: one line "operation: rule, got value (accepted: …)", with its facts as fields. Why: docs/decisions/0137. */
export class LascauxError extends Error {
  override readonly name = 'LascauxError';
  /** What was being done; where nothing else was said, the option. */
  readonly operation: string;
  /** The option of a call that has the wrong value, where it is one. */
  readonly option: string | undefined;
  readonly rule: string;
  readonly value: unknown;
  readonly accepted: readonly string[] | string | undefined;
  readonly remedy: Remedy | undefined;
  readonly kind: ErrorKind;

  constructor(facts: LascauxErrorFacts) {
    const got = facts.value === undefined ? '' : `, got ${show(facts.value)}`;
    const list = typeof facts.accepted === 'string' ? facts.accepted : facts.accepted?.join(', ');
    const operation = facts.operation ?? facts.option ?? '';
    const line = `${operation}: ${shortened(facts.rule, LONGEST_RULE)}${remedyText(facts.remedy)}${got}${list === undefined ? '' : ` (accepted: ${list})`}`;
    super(oneLine(line), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.operation = operation;
    this.option = facts.option;
    this.rule = facts.rule;
    this.value = facts.value;
    this.accepted = facts.accepted;
    this.remedy = facts.remedy;
    this.kind = facts.kind ?? 'failure';
  }
}

/**
 * Asserts a rule.
 * @throws {LascauxError} when `condition` is false
 */
export function check(condition: boolean, facts: LascauxErrorFacts | (() => LascauxErrorFacts)): asserts condition {
  if (!condition) throw new LascauxError(typeof facts === 'function' ? facts() : facts);
}
