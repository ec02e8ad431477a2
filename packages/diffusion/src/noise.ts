import { LascauxError } from '@lascaux/nn';
import type { RandomStream } from '@lascaux/nn';
import type { NoiseSource } from './types.js';

/**
 * Noise for a batch in which every image has its own stream, so that an image does not depend on the batch it is made in.
 * A draw of `size` values takes size / streams.length of each stream, in order.
 * @throws LascauxError when a size is not a multiple of the number of streams.
 */
export function noiseFromStreams(streams: readonly RandomStream[]): NoiseSource {
  return (size) => {
    if (streams.length === 0 || size % streams.length !== 0) {
      throw new LascauxError({
        operation: 'noise',
        rule: `the size must be a multiple of the ${streams.length} streams`,
        value: size,
      });
    }
    const each = size / streams.length;
    const noise = new Float32Array(size);
    streams.forEach((stream, k) => noise.set(stream.normal(each), k * each));
    return noise;
  };
}
