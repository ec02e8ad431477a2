/** How long something took: on the clock, and on all processor cores of the process together. */
export interface Duration {
  readonly seconds: number;
  /** Unlike the clock's, these seconds do not grow when other programs share the machine; with one thread both measure the same work. */
  readonly cpuSeconds: number;
}

/** Starts both clocks; the function it returns reads them. */
export function startClock(): () => Duration {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}
