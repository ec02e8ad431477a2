import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renamePatiently } from '@lascaux/nn';

const refusal = (code: string) => Object.assign(new Error(code), { code });

/** A rename that is refused some times before it works. */
function refused(times: number, code: string) {
  const calls: string[] = [];
  const rename = (from: string, to: string): Promise<void> => {
    calls.push(`${from} ${to}`);
    return calls.length <= times ? Promise.reject(refusal(code)) : Promise.resolve();
  };
  return { calls, rename };
}

it('renames', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-rename-'));
  await writeFile(join(folder, 'a'), 'text');
  await renamePatiently(join(folder, 'a'), join(folder, 'b'));
  expect(await readFile(join(folder, 'b'), 'utf8')).toBe('text');
});

it.each(['EPERM', 'EACCES', 'EBUSY'])('tries again after %s on Windows', async (code) => {
  const { calls, rename } = refused(3, code);
  await renamePatiently('a', 'b', { platform: 'win32', rename });
  expect(calls).toEqual(Array(4).fill('a b'));
});

it('gives up in the end, and at once where the reason lasts', async () => {
  const stubborn = refused(100, 'EPERM');
  await expect(renamePatiently('a', 'b', { platform: 'win32', ...stubborn })).rejects.toThrow('EPERM');
  expect(stubborn.calls).toHaveLength(7);
  for (const [platform, code] of [
    ['win32', 'ENOENT'],
    ['linux', 'EPERM'],
  ] as const) {
    const { calls, rename } = refused(100, code);
    await expect(renamePatiently('a', 'b', { platform, rename })).rejects.toThrow(code);
    expect(calls).toHaveLength(1);
  }
});
