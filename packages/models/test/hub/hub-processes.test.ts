import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pullModel, type PullOptions } from '../../src/hub/pull-model.js';
import { filesBelow, hubAndCache, lengthOf, ONNX_MODEL, ONNX_NEEDED, sha256 } from '@lascaux/model-fixtures/hub';

const DATA = 'unet/model.onnx_data';
const { content: data } = ONNX_MODEL[DATA]!;
const script = fileURLToPath(new URL('pull-process.ts', import.meta.url));
const startPull = (options: PullOptions) =>
  spawn(process.execPath, ['--conditions=@lascaux/source', '--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

it('a killed process leaves nothing half-done, and the next one goes on; a second one waits meanwhile', async () => {
  const { hub, options, repository } = await hubAndCache();
  let sent = (): void => undefined;
  const stalled = new Promise<void>((resolve) => (sent = resolve));
  hub.interfere = ({ url, headers }, response) => {
    if (!url.includes(sha256(data)) || headers.range !== undefined) return false;
    response.writeHead(200, { 'Content-Length': data.length });
    response.write(data.subarray(0, 120_000), sent);
    return true;
  };
  const killed = startPull({ ...options, retry: { ...options.retry, silence: 60_000 } });
  await stalled;
  const partial = join(repository, 'blobs', `${sha256(data)}.incomplete`);
  await expect.poll(() => lengthOf(partial), { timeout: 60_000 }).toBe(120_000);

  const notes: string[] = [];
  let waits = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const onNote = (line: string): void => {
    notes.push(line);
    waits();
  };
  const second = pullModel('owner/name', { ...options, onNote });
  await waiting;
  expect((await filesBelow(join(repository, 'snapshots'))).every((path) => path.endsWith('.onnx'))).toBe(true);
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const { folder, files } = await second;
  expect(notes).toEqual(['owner/name@main: another process pulls it, waiting']);
  expect(files).toEqual(ONNX_NEEDED);
  expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
  expect(hub.requests(sha256(data)).at(-1)?.headers.range).toBe('bytes=120000-');
  expect(await filesBelow(join(options.cacheFolder, '.locks'))).toEqual([]);
}, 180_000);
