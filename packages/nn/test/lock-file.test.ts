import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFile } from '@lascaux/nn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-lock-'));
  path = join(folder, '.lock');
});
afterEach(() => rm(folder, { recursive: true }));

/** No process has this id: Linux counts to 2²² at most, and macOS and Windows give smaller ones. */
const GONE = 2 ** 30;

describe('lockFile', () => {
  it('is held by one at a time, and free again when it is given up', async () => {
    const first = await lockFile(path);
    expect(first).toBeDefined();
    expect(await lockFile(path)).toBeUndefined();
    await first!.release();
    expect(await readdir(folder)).toEqual([]);
    const second = await lockFile(path);
    await second!.release();
  });

  it('goes to one of many who ask at the same time', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, () => lockFile(path)));
    const held = locks.filter((lock) => lock !== undefined);
    expect(held).toHaveLength(1);
    await held[0]!.release();
  });

  it('is taken over from a process that is gone, by one of many', async () => {
    await writeFile(path, `${hostname()} ${GONE} killed`);
    const locks = await Promise.all(Array.from({ length: 20 }, () => lockFile(path)));
    const held = locks.filter((lock) => lock !== undefined);
    expect(held).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toContain(` ${process.pid} `);
    await held[0]!.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of another machine is respected until it shows no sign of life', async () => {
    await writeFile(path, `elsewhere ${GONE} working`);
    expect(await lockFile(path)).toBeUndefined();
    const minuteAgo = new Date(Date.now() - 60_000);
    await utimes(path, minuteAgo, minuteAgo);
    const lock = await lockFile(path);
    expect(lock).toBeDefined();
    await lock!.release();
  });

  it('that was taken over is not given up by its first holder', async () => {
    const first = await lockFile(path);
    await writeFile(path, 'elsewhere 1 taken');
    await first!.release();
    expect(await readFile(path, 'utf8')).toBe('elsewhere 1 taken');
  });

  it('in a folder that is not there is an error', async () => {
    await expect(lockFile(join(folder, 'nowhere', '.lock'))).rejects.toThrow('ENOENT');
  });
});
