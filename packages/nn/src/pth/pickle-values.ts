/** A Python object that a restricted pickle may hold; a dictionary is a `Map`, lists and tuples are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleCallable
  | PickleObject;

/** A global that may be called: what is made of its arguments. */
export class PickleCallable {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** An object of the format that is read: a storage or a tensor. */
export abstract class PickleObject {
  abstract readonly kind: string;
}

/** Globals that a pickle may name. */
export interface PickleContext {
  /** The global `module.name`. @throws {LascauxError} when it is not among those allowed */
  readonly global: (name: string) => PickleValue;
  /** The object behind a persistent id. @throws {LascauxError} when the id is malformed */
  readonly persistent: (id: PickleValue) => PickleValue;
  /** An error about the file. */
  readonly fail: (rule: string, value?: unknown) => Error;
}
