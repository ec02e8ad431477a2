/** What makes several images of one call. */
export interface BatchFlags {
  /** Axes as they are written, the last one along the rows of the sheet. */
  readonly grid?: readonly string[];
  /** Whether `{a|b}` stands for two prompts. */
  readonly matrix?: boolean;
  /** Folder of the lines that `__name__` stands for. */
  readonly wildcards?: string;
  /** File of prompts. */
  readonly prompts?: string;
}

/** Whether flags ask for a batch. */
export const isBatch = ({ grid, matrix, wildcards, prompts }: BatchFlags): boolean =>
  grid !== undefined || matrix === true || wildcards !== undefined || prompts !== undefined;
