import { expect, it } from 'vitest';
import { mapLimited } from '@lascaux/data';

const pause = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

it('keeps the order and never runs more than the limit', async () => {
  let running = 0;
  let most = 0;
  const doubled = await mapLimited([3, 1, 2, 5, 4], 2, async (n) => {
    most = Math.max(most, ++running);
    await pause();
    running--;
    return 2 * n;
  });
  expect(doubled).toEqual([6, 2, 4, 10, 8]);
  expect(most).toBe(2);
});

it('begins nothing after a failure and ends what runs before it rejects', async () => {
  const ended: number[] = [];
  const run = mapLimited([0, 1, 2, 3, 4, 5], 2, async (n) => {
    if (n === 0) throw new Error('zero');
    await pause();
    ended.push(n);
  });
  await expect(run).rejects.toThrow('zero');
  expect(ended).toEqual([1]);
});
