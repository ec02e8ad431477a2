/** A small input that asks for much. */
export interface Bomb {
  /** Writes its files. */
  readonly make: (folder: string) => Promise<void>;
  /** Reads them as the project does. */
  readonly read: (folder: string) => Promise<unknown>;
}
