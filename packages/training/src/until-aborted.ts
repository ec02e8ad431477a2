/** The result of a promise, or undefined as soon as the signal aborts. */
export function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result | undefined> {
  if (signal === undefined) return promise;
  // Not Promise.race with one long-lived promise: that would hold on to every result until the end of the run.
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    const release = (): void => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (result) => {
        release();
        resolve(result);
      },
      (error: unknown) => {
        release();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
