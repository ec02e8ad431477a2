/** A binary heap: `pop` returns the entry that comes before all others. */
export interface Heap<T> {
  readonly push: (entry: T) => void;
  readonly pop: () => T | undefined;
}

/** Makes an empty heap ordered by `before(a, b)`, true when `a` must leave before `b`. Push and pop take O(log n). */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const entries: T[] = [];

  function swapIfBefore(child: number, parent: number): boolean {
    const a = entries[child] as T;
    const b = entries[parent] as T;
    if (!before(a, b)) return false;
    entries[child] = b;
    entries[parent] = a;
    return true;
  }

  function siftDown(): void {
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= entries.length) return;
      if (child + 1 < entries.length && before(entries[child + 1] as T, entries[child] as T)) child += 1;
      if (!swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  return {
    push(entry) {
      let child = entries.push(entry) - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (!swapIfBefore(child, parent)) return;
        child = parent;
      }
    },
    pop() {
      const first = entries[0];
      const last = entries.pop();
      if (entries.length > 0) {
        entries[0] = last as T;
        siftDown();
      }
      return first;
    },
  };
}
