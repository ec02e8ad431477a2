import type { GenerateOptionName } from '../options/generate-option-table.js';

/** Something that a caller should know about a call, though nothing is wrong with it. */
export interface CallNote {
  /** The option that it is about; undefined where that goes without saying. */
  readonly option?: GenerateOptionName;
  readonly text: string;
}
