import { z } from 'zod';

/** What a worker is to do. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  /** The first case. */
  readonly from: number;
  /** One more than the last. */
  readonly to: number;
}

/** A case ended. */
const endSchema = z.object({
  ended: z.int(),
  kind: z.string(),
  verdict: z.enum(['read', 'refused', 'unclear']),
  words: z.string(),
  milliseconds: z.number(),
  /** Largest memory of the process until now. */
  peakBytes: z.number(),
});

/** What a worker says: that a case begins, or how it ended. */
export const messageSchema = z.union([z.object({ begins: z.int(), kind: z.string() }), endSchema]);
export type End = z.infer<typeof endSchema>;
