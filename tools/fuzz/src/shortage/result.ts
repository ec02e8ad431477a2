/** How commands did without what they need. */
export interface ShortageResult {
  readonly name: string;
  /** Why it was not tried. */
  readonly skipped?: string;
  readonly faults: readonly string[];
}
