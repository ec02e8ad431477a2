/** A cache that forgets what was asked for least recently. */
export interface RecentCache<T> {
  /** The value of `key`, made by `make` when it is not remembered; a promise that rejects is forgotten. */
  readonly get: (key: string, make: () => Promise<T>) => Promise<T>;
  readonly clear: () => void;
}

/** Makes a cache of at most `capacity` values; 0 remembers nothing. Concurrent calls for one key share one value. */
export function recentCache<T>(capacity: number): RecentCache<T> {
  const values = new Map<string, Promise<T>>(); // a Map keeps its order: the least recent comes first

  function remember(key: string, value: Promise<T>): void {
    values.delete(key);
    values.set(key, value);
    for (const oldest of values.keys()) {
      if (values.size <= capacity) return;
      values.delete(oldest);
    }
  }

  return {
    get(key, make) {
      const value = values.get(key) ?? make();
      value.catch(() => {
        if (values.get(key) === value) values.delete(key);
      });
      remember(key, value);
      return value;
    },
    clear: () => values.clear(),
  };
}
