import type { FeatureCache } from '../index.js';

/**
 * A cache whose first failure to write, say on a full disk, is told once and ends its writing: features are still computed, and a picture
 * is not called bad for it.
 */
export function forgivingCache(cache: FeatureCache, onFailure: (reason: string) => void): FeatureCache {
  let isWriting = true;
  const attempt = (write: () => void): void => {
    if (!isWriting) return;
    try {
      write();
    } catch (error) {
      isWriting = false;
      onFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    get size() {
      return cache.size;
    },
    has: (key) => cache.has(key),
    get: (key) => cache.get(key),
    keyOf: (stamp) => cache.keyOf(stamp),
    put: (key, features) => attempt(() => cache.put(key, features)),
    remember: (stamp, key) => attempt(() => cache.remember(stamp, key)),
    close: () => cache.close(),
  };
}
