import type { RandomStream } from '@lascaux/nn';

/** What a test of kills came to. */
export interface KillTally {
  kills: number;
  /** Times that it came to its end and was compared. */
  compared: number;
  readonly faults: string[];
}

/** One test: a command is killed `count` times at random moments. */
export type KillTest = (options: { folder: string; count: number; random: RandomStream }) => Promise<KillTally>;
