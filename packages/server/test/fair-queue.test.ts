import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FairQueue } from '../src/painting/fair-queue.js';
import { QueueFullError } from '../src/painting/paint-queue.js';

const ticket = (client: string, places = 1, lane = 'model') => ({ client, places, lane });

describe('the queue', () => {
  it('lets clients take turns, image by image', async () => {
    const queue = new FairQueue();
    const order: string[] = [];
    const paint = (name: string) => async (index: number) => {
      await nextTurn();
      order.push(`${name}${index}`);
      return index;
    };
    const results = await Promise.all([
      queue.join(ticket('a', 3), paint('a')),
      queue.join(ticket('b', 2), paint('b')),
      queue.join(ticket('a', 1), paint('A')),
      queue.join(ticket('c', 1), paint('c')),
    ]);
    expect(order).toEqual(['a0', 'b0', 'a1', 'c0', 'b1', 'a2', 'A0']);
    expect(results).toEqual([[0, 1, 2], [0, 1], [0], [0]]);
    expect(queue.load).toEqual({ waiting: 0, running: 0 });
  });

  it('serves one image of a model at a time, and models beside each other', async () => {
    const queue = new FairQueue();
    let [running, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++running);
      await nextTurn();
      running--;
    };
    await Promise.all([queue.join(ticket('a', 2, 'x'), work), queue.join(ticket('b', 2, 'x'), work)]);
    expect(most).toBe(1);
    await Promise.all([queue.join(ticket('a', 2, 'x'), work), queue.join(ticket('b', 2, 'y'), work)]);
    expect(most).toBe(2);
  });

  it('refuses what finds no place, as a whole, and says when to come again', async () => {
    const queue = new FairQueue({ capacity: 3 });
    const open = gate();
    const first = queue.join(ticket('a'), () => open.promise);
    const waiting = queue.join(ticket('b', 2), () => open.promise);
    expect(queue.load).toEqual({ waiting: 2, running: 1 });
    const refused = queue.join(ticket('c', 2), () => open.promise);
    await expect(refused).rejects.toThrow(QueueFullError);
    await expect(refused).rejects.toMatchObject({ retryAfter: 10 });
    open.resolve(undefined);
    await Promise.all([first, waiting]);
    await expect(queue.join(ticket('c', 2), async () => Promise.resolve(1))).resolves.toEqual([1, 1]);
  });

  it('gives places back when a client goes away', async () => {
    const queue = new FairQueue({ capacity: 4 });
    const controller = new AbortController();
    const started: string[] = [];
    const untilStopped = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const running = queue.join({ ...ticket('a', 3), signal: controller.signal }, async (index, signal) => {
      started.push(`a${index}`);
      return untilStopped(signal);
    });
    const other = queue.join(ticket('b'), async () => Promise.resolve(started.push('b')));
    controller.abort(new Error('gone'));
    await expect(running).rejects.toThrow('gone');
    await other;
    expect(started).toEqual(['a0', 'b']);
    expect(queue.load).toEqual({ waiting: 0, running: 0 });
  });

  it('stops the other images of a request when one fails, and goes on', async () => {
    const queue = new FairQueue();
    const painted: number[] = [];
    const failing = queue.join(ticket('a', 3), async (index) => {
      await nextTurn();
      painted.push(index);
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(painted).toEqual([0]);
    await expect(queue.join(ticket('a'), async () => Promise.resolve('fine'))).resolves.toEqual(['fine']);
  });
});

function gate() {
  let resolve: (value: unknown) => void = () => undefined;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
