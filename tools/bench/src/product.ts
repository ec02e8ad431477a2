import type { Engine } from '@lascaux/nn';
import { ops, randomStream, trace } from '@lascaux/nn';
import type { Duration } from './clock.js';
import { startClock } from './clock.js';

/** Side of the matrices whose product is the machine's limit. */
export const SIDE = 1024;

/** A product of two large matrices, made ready on an engine; of two runs the second is timed. */
export async function largeProduct(engine: Engine): Promise<{ run(): Promise<Duration>; dispose(): Promise<void> }> {
  const square = { shape: [SIDE, SIDE] };
  const program = trace({ a: square, b: square }, (_, { a, b }) => {
    const product = ops.matmul(a, b);
    // Reading one element makes sure that the device is done.
    const corner = ops.slice(ops.slice(product, { axis: 0, begin: 0, end: 1 }), { axis: 1, begin: 0, end: 1 });
    return { product, corner };
  });
  const executable = await engine.compile(program);
  const random = randomStream(0);
  const draw = () => engine.upload(random.normal(SIDE * SIDE), square.shape);
  const inputs = { a: draw(), b: draw() };

  async function once(): Promise<Duration> {
    const stop = startClock();
    const outputs = await executable.run(inputs);
    await outputs.corner!.read();
    const duration = stop();
    for (const tensor of Object.values(outputs)) tensor.dispose();
    return duration;
  }

  return {
    run: async () => {
      await once();
      return once();
    },
    dispose: async () => {
      for (const tensor of Object.values(inputs)) tensor.dispose();
      await executable.dispose();
    },
  };
}
