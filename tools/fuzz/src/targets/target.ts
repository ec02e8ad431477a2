/** A format that is read: right files of it, and what reads them. */
export interface Target {
  /** Writes right files into an empty folder; those that are changed are all, unless `files` says which. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Relative paths of the files that are changed. */
  readonly files?: readonly string[];
  /** Reads them with the project's own code, as far as a command would before it computes. */
  readonly read: (folder: string) => Promise<unknown>;
}
