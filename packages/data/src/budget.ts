/** An amount that several pieces of work share. */
export interface Budget {
  /** Runs `work` once `amount` is free; who came first is first. An amount beyond the whole waits until nothing else runs. */
  readonly during: <T>(amount: number, work: () => Promise<T>) => Promise<T>;
}

/** A budget of which nothing is spent yet. */
export function budgetOf(whole: number): Budget {
  let spent = 0;
  const waiting: { readonly amount: number; readonly start: () => void }[] = [];
  const fits = (amount: number): boolean => spent === 0 || spent + amount <= whole;

  function startNext(): void {
    for (let next = waiting[0]; next !== undefined && fits(next.amount); next = waiting[0]) {
      waiting.shift();
      spent += next.amount;
      next.start();
    }
  }

  return {
    async during(amount, work) {
      await new Promise<void>((start) => {
        waiting.push({ amount, start });
        startNext();
      });
      try {
        return await work();
      } finally {
        // Whoever waits for the result uses it first, so that what it takes can be given back.
        setImmediate(() => {
          spent -= amount;
          startNext();
        });
      }
    },
  };
}
