import { ops, randomStream, trace } from '@lascaux/nn';
import type { Engine } from '@lascaux/nn';
import { disposeAll } from './device-state.js';

/** Options of `measureLimit`. */
export interface MeasureLimitOptions {
  /** Side of the square matrices; default 1024. */
  readonly size?: number;
  /** Products in a row within one run; default 4. */
  readonly products?: number;
  /** Timed runs, of which the fastest counts; default 5. */
  readonly runs?: number;
}

/**
 * The machine's limit as far as an engine reaches it: floating-point operations per second in large matrix products, the best of a few
 * runs after one that is not counted.
 */
export async function measureLimit(
  engine: Engine,
  { size = 1024, products = 4, runs = 5 }: MeasureLimitOptions = {},
): Promise<number> {
  const program = trace({ a: { shape: [size, size] }, b: { shape: [size, size] } }, (_, { a, b }) => {
    let product = a;
    // Scaling by 1/√size keeps the elements near 1 however long the chain is.
    for (let i = 0; i < products; i++) product = ops.mul(ops.matmul(product, b), 1 / Math.sqrt(size));
    return { total: ops.sum(product) };
  });
  const executable = await engine.compile(program);
  const random = randomStream(0);
  const inputs = {
    a: engine.upload(random.normal(size * size), [size, size]),
    b: engine.upload(random.normal(size * size), [size, size]),
  };
  let best = Infinity;
  for (let run = 0; run <= runs; run++) {
    const begin = performance.now();
    const outputs = await executable.run(inputs);
    // Reading makes sure that the device is done.
    await outputs.total?.read();
    if (run > 0) best = Math.min(best, performance.now() - begin);
    disposeAll(outputs);
  }
  disposeAll(inputs);
  await executable.dispose();
  return (products * 2 * size ** 3) / (best / 1000);
}

/** One line such as `98.2 GFLOP/s = 81 % of the limit of 121.0 GFLOP/s`; without a limit only its first part. */
export function describeThroughput(flopsPerSecond: number, limit?: number): string {
  const giga = (flops: number): string => `${(flops / 1e9).toFixed(1)} GFLOP/s`;
  return limit === undefined
    ? giga(flopsPerSecond)
    : `${giga(flopsPerSecond)} = ${Math.round((100 * flopsPerSecond) / limit)} % of the limit of ${giga(limit)}`;
}
