import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloadChecked } from '../src/evaluate/download-checked.js';
import { findInceptionWeights } from '../src/evaluate/inception-weights.js';

const CONTENT = Buffer.from('a small file that stands for large weights');
const sha256 = createHash('sha256').update(CONTENT).digest('hex').slice(0, 8);
let server: Server;
let base = '';
let folder = '';
let requests = 0;
const before = process.env.LASCAUX_CACHE;
const torchBefore = process.env.TORCH_HOME;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-download-'));
  process.env.LASCAUX_CACHE = join(folder, 'cache');
  process.env.TORCH_HOME = join(folder, 'torch');
  server = createServer(({ url }, response) => {
    requests++;
    if (url === '/cut.pth') {
      response.writeHead(200, { 'content-length': String(CONTENT.length) });
      response.write(CONTENT.subarray(0, 10), () => response.destroy());
    } else if (url === '/weights.pth') response.end(CONTENT);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  if (before === undefined) delete process.env.LASCAUX_CACHE;
  else process.env.LASCAUX_CACHE = before;
  if (torchBefore === undefined) delete process.env.TORCH_HOME;
  else process.env.TORCH_HOME = torchBefore;
  await rm(folder, { recursive: true });
});

describe('downloadChecked', () => {
  it.each([
    ['another file', '/weights.pth', '00000000', 'must have a SHA-256 that begins with 00000000'],
    ['a missing file', '/nothing.pth', sha256, 'the server must give the file, got 404'],
    ['a broken connection', '/cut.pth', sha256, 'the download broke off'],
  ])('leaves nothing behind after %s', async (_, path, expected, message) => {
    const target = join(folder, 'refused', 'weights.pth');
    await expect(downloadChecked({ url: base + path, sha256: expected }, { path: target })).rejects.toThrow(message);
    expect(await readdir(join(folder, 'refused')).catch(() => [])).toEqual([]);
  });

  it('says what to do without a network', async () => {
    const url = 'http://127.0.0.1:1/weights.pth';
    await expect(downloadChecked({ url, sha256 }, { path: join(folder, 'never') })).rejects.toThrow(
      'without a network, get the file elsewhere and name it (weights)',
    );
  });
});

describe('findInceptionWeights', () => {
  it('downloads once', async () => {
    const source = { url: `${base}/weights.pth`, sha256 };
    const seen: number[] = [];
    requests = 0;
    const path = await findInceptionWeights(undefined, { source, onProgress: (done) => void seen.push(done) });
    expect(path).toBe(join(folder, 'cache', 'weights', 'weights.pth'));
    expect((await readFile(path)).equals(CONTENT)).toBe(true);
    expect(seen.at(-1)).toBe(CONTENT.length);
    expect(await readdir(join(folder, 'cache', 'weights'))).toEqual(['weights.pth']);
    expect(await findInceptionWeights(undefined, { source })).toBe(path);
    expect(requests).toBe(1);
  });

  it('takes the named file, and only when it is there', async () => {
    const named = join(folder, 'cache', 'weights', 'weights.pth');
    expect(await findInceptionWeights(named)).toBe(named);
    await expect(findInceptionWeights(join(folder, 'nowhere'))).rejects.toThrow('weights: no such file');
  });
});
