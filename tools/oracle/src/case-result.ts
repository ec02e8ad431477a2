/** How one case of an oracle file came out. */
export interface CaseResult {
  readonly id: string;
  /** Worst error, in the unit that the tolerance is stated in. */
  readonly error: number;
  readonly tolerance: number;
  /** Where the worst error was, or why the case could not run. */
  readonly where: string;
}

/** Whether a case holds; a case that is not a number does not. */
export function holds({ error, tolerance }: CaseResult): boolean {
  return error <= tolerance;
}

/** Two lists that should be equal. */
interface Comparison {
  readonly got: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  /** Differences are divided by this. Default 1. */
  readonly scale?: number;
  /** Only when it differs from that of the case. */
  readonly tolerance?: number;
}

/** Collects errors of one case and keeps the worst, each as a multiple of its own tolerance. */
export class WorstError {
  #worst = { error: 0, where: 'nothing compared', ratio: -1 };

  constructor(
    private readonly id: string,
    private readonly tolerance: number,
  ) {}

  /** Notes an error; `tolerance` only when it differs from that of the case. */
  note(where: string, error: number, tolerance = this.tolerance): void {
    const ratio = Number.isNaN(error) ? Infinity : error / tolerance;
    if (ratio > this.#worst.ratio) this.#worst = { where, ratio, error: ratio * this.tolerance };
  }

  /** Notes the largest difference of two lists, divided by `scale`; lists of different length are infinitely wrong. */
  compare(where: string, { got, expected, scale = 1, tolerance = this.tolerance }: Comparison): void {
    if (got.length !== expected.length) {
      return this.note(`${where}: length ${got.length}, not ${expected.length}`, Infinity);
    }
    let worst = 0;
    for (let i = 0; i < got.length; i++) {
      const difference = Math.abs(got[i]! - expected[i]!) / scale;
      worst = difference > worst || Number.isNaN(difference) ? difference : worst;
    }
    this.note(where, worst, tolerance);
  }

  result(): CaseResult {
    return { id: this.id, error: this.#worst.error, tolerance: this.tolerance, where: this.#worst.where };
  }
}

/** The result of a case that threw. */
export function failure(id: string, cause: unknown): CaseResult {
  return { id, error: Infinity, tolerance: 0, where: cause instanceof Error ? cause.message : String(cause) };
}

/** The largest magnitude of some lists, at least 1. */
export function magnitude(...lists: ArrayLike<number>[]): number {
  let largest = 1;
  for (const list of lists) for (const value of Array.from(list)) largest = Math.max(largest, Math.abs(value));
  return largest;
}
