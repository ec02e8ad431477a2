/** Something that holds native memory. */
export interface Disposable {
  readonly dispose: () => Promise<void>;
}

/** Frees several parts; rejects with the first failure once all were tried. */
export async function disposeAll(parts: readonly Disposable[]): Promise<void> {
  const settled = await Promise.allSettled(parts.map((part) => part.dispose()));
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
