import { chmod, mkdir, readFile, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { pullModel, type PullPlan } from '../../src/hub/pull-model.js';
import { COMMIT, cutAfter, emptyFolder, filesBelow, gitHash, graphFile, hubAndCache, lengthOf, ONNX_MODEL, ONNX_NEEDED, refuse, sha256, WEIGHTS_MODEL } from '@lascaux/model-fixtures/hub';

// A pull is a matter of milliseconds; machines that run much else need more.
vi.setConfig({ testTimeout: 120_000 });

const DATA = 'unet/model.onnx_data';
const { content: data } = ONNX_MODEL[DATA]!;

describe('pullModel', () => {
  it('lays the cache out as Python does: blobs by ETag, links in the snapshot, the commit of the branch', async () => {
    const { hub, options, repository } = await hubAndCache();
    const starts: PullPlan[] = [];
    const lengths: number[] = [];
    const model = await pullModel('owner/name', {
      ...options,
      onStart: (plan) => starts.push(plan),
      onProgress: (bytes) => lengths.push(bytes),
    });
    const bytes = ONNX_NEEDED.reduce((sum, path) => sum + ONNX_MODEL[path]!.content.length, 0);
    expect(model).toEqual({
      folder: join(repository, 'snapshots', COMMIT),
      name: 'owner/name',
      revision: 'main',
      commit: COMMIT,
      format: 'onnx',
      files: ONNX_NEEDED,
      bytes,
      downloaded: bytes - ONNX_MODEL['vae_encoder/config.json']!.content.length, // Equal files are one blob.
    });
    expect(starts).toHaveLength(2); // The graphs, then all that they and the loader name.
    expect(starts.reduce((sum, plan) => sum + plan.bytes, 0)).toBe(model.downloaded);
    expect(lengths.at(-1)).toBe(starts[1]!.bytes);
    expect(await filesBelow(model.folder)).toEqual(ONNX_NEEDED);
    expect(await readlink(join(model.folder, DATA))).toBe(`../../../blobs/${sha256(data)}`);
    expect(await readlink(join(model.folder, 'model_index.json'))).toBe(
      `../../blobs/${gitHash(ONNX_MODEL['model_index.json']!.content)}`,
    );
    for (const path of ONNX_NEEDED)
      expect((await readFile(join(model.folder, path))).equals(ONNX_MODEL[path]!.content)).toBe(true);
    expect(await readFile(join(repository, 'refs/main'), 'utf8')).toBe(COMMIT);
    expect(
      (await filesBelow(join(repository, 'blobs'))).filter((name) => name.length !== 64 && name.length !== 40),
    ).toEqual([]);
    expect(hub.requests('/tree/')).toHaveLength(Math.ceil(Object.keys(ONNX_MODEL).length / 5));
  });

  it('asks only which commit the branch is when all is there, and nothing for a commit', async () => {
    const { hub, options } = await hubAndCache();
    const first = await pullModel('owner/name', options);
    hub.seen.length = 0;
    expect(await pullModel('owner/name@main', options)).toEqual({ ...first, downloaded: 0 });
    expect(hub.seen.map(({ url }) => url.split('?')[0])).toEqual(['/api/models/owner/name/revision/main']);
    expect(await pullModel('owner/name', { ...options, revision: COMMIT })).toMatchObject({ downloaded: 0 });
    expect(hub.seen).toHaveLength(1);
  });

  it('sends the token to the hub and to no other host', async () => {
    const { hub, options } = await hubAndCache();
    hub.token = 'hf_secret';
    await pullModel('owner/name', { ...options, token: 'hf_secret' });
    const sent = (host: string) =>
      hub.seen.filter((request) => request.host === host).map(({ headers }) => headers.authorization);
    expect(new Set(sent('hub'))).toEqual(new Set(['Bearer hf_secret']));
    expect(sent('storage').length).toBeGreaterThan(5);
    expect(new Set(sent('storage'))).toEqual(new Set([undefined]));
  });

  it('follows relative redirects within the hub', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = ({ url }, response) => {
      if (!url.includes(`resolve/${COMMIT}`) || url.includes('again')) return false;
      response.writeHead(307, { Location: `${url}?again=1` }).end();
      return true;
    };
    await expect(pullModel('owner/name', options)).resolves.toMatchObject({ files: ONNX_NEEDED });
  });

  it('fetches weights where there are no graphs, of the variant that is asked for', async () => {
    const { options } = await hubAndCache(WEIGHTS_MODEL);
    const { format, files } = await pullModel('owner/name', { ...options, variant: 'fp16' });
    expect(format).toBe('weights');
    expect(files).toContain('unet/diffusion_pytorch_model.fp16.safetensors');
  });
});

describe('a download that does not come through', () => {
  it('goes on in the same call where the connection was cut', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = ({ url, headers }, response) => {
      if (!url.includes(sha256(data)) || headers.range !== undefined) return false;
      cutAfter(response, data, 100_000);
      return true;
    };
    const { folder } = await pullModel('owner/name', options);
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
    const ranges = hub.requests(sha256(data)).map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
  });

  it('shows nothing half-done, and goes on in a later call', async () => {
    const { hub, options, repository } = await hubAndCache();
    hub.interfere = ({ url, headers }, response) => {
      if (!url.includes(sha256(data))) return false;
      if (headers.range === undefined) cutAfter(response, data, 100_000);
      else response.destroy();
      return true;
    };
    await expect(pullModel('owner/name', options)).rejects.toThrow(
      /unet\/model\.onnx_data.*after \d+ of 300000 bytes|cannot be reached/,
    );
    expect((await filesBelow(join(repository, 'snapshots'))).every((path) => path.endsWith('.onnx'))).toBe(true);
    expect(await filesBelow(join(repository, 'refs'))).toEqual([]);
    const partial = join(repository, 'blobs', `${sha256(data)}.incomplete`);
    const length = await lengthOf(partial);
    expect(length).toBeGreaterThan(0);

    hub.interfere = () => false;
    hub.seen.length = 0;
    const { folder, downloaded } = await pullModel('owner/name', options);
    expect(hub.requests(sha256(data)).map(({ headers }) => headers.range)).toEqual(
      Array.from({ length: 2 }, () => `bytes=${length}-`).slice(0, hub.requests(sha256(data)).length),
    );
    expect(downloaded).toBeLessThanOrEqual(data.length - length + 25_000);
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
    expect(await lengthOf(partial)).toBe(0);
  });

  it('starts over when the server sends the whole file instead of its rest', async () => {
    const { hub, options, repository } = await hubAndCache();
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await writeFile(join(repository, 'blobs', `${sha256(data)}.incomplete`), data.subarray(0, 1000));
    hub.interfere = ({ headers }) => {
      delete headers.range;
      return false;
    };
    const { folder } = await pullModel('owner/name', options);
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
  });

  it.each([
    ['other bytes', Buffer.from('not what it should begin with')],
    ['more than the whole', Buffer.alloc(data.length + 1)],
  ])('starts over when %s were left', async (_, left) => {
    const { options, repository } = await hubAndCache();
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await writeFile(join(repository, 'blobs', `${sha256(data)}.incomplete`), left);
    const { folder } = await pullModel('owner/name', options);
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
  });

  it('waits out 429 as long as Retry-After says, and 500 and 503', async () => {
    const { hub, options } = await hubAndCache();
    const statuses = [429, 500, 503];
    let refusedAt = 0;
    let askedAgainAfter = 0;
    hub.interfere = (_, response) => {
      const status = statuses.shift();
      if (refusedAt > 0 && askedAgainAfter === 0) askedAgainAfter = Date.now() - refusedAt;
      if (status === undefined) return false;
      if (status === 429) refusedAt = Date.now();
      refuse(response, status, undefined, status === 429 ? { 'Retry-After': '1' } : {});
      return true;
    };
    await expect(pullModel('owner/name', options)).resolves.toMatchObject({ files: ONNX_NEEDED });
    expect(askedAgainAfter).toBeGreaterThanOrEqual(990);
  });

  it('gives up after five failures in a row, and at once when the hub wants to be left alone for long', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = (_, response) => (refuse(response, 500), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow(/fails \(asked 5 times\), got 500/);
    expect(hub.seen).toHaveLength(5);
    hub.interfere = (_, response) => (refuse(response, 429, undefined, { 'Retry-After': '3600' }), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow('wants to be left alone for a while, got "3600 s"');
    expect(hub.seen).toHaveLength(6);
  });

  it('takes a connection on which nothing comes for cut', async () => {
    const { hub, options } = await hubAndCache();
    let stalls = 1;
    hub.interfere = ({ url }, response) => {
      if (!url.includes(sha256(data)) || stalls-- <= 0) return false;
      response.writeHead(200, { 'Content-Length': data.length });
      response.write(data.subarray(0, 50_000));
      return true;
    };
    const { folder } = await pullModel('owner/name', { ...options, retry: { ...options.retry, silence: 500 } });
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
  });

  it('stops when it is told to, and keeps what is there', async () => {
    const { hub, options, repository } = await hubAndCache();
    const controller = new AbortController();
    hub.interfere = ({ url }, response) => {
      if (!url.includes(sha256(data))) return false;
      response.writeHead(200, { 'Content-Length': data.length });
      response.write(data.subarray(0, 50_000), () => setTimeout(() => controller.abort(new Error('stop')), 100));
      return true;
    };
    await expect(pullModel('owner/name', { ...options, signal: controller.signal })).rejects.toThrow('stop');
    expect(await lengthOf(join(repository, 'blobs', `${sha256(data)}.incomplete`))).toBe(50_000);
    expect(await filesBelow(join(options.cacheFolder, '.locks'))).toEqual([]);
  });

  it('says in one line that the disk is full', async () => {
    if (process.platform !== 'linux') return;
    const { options, repository } = await hubAndCache();
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await symlink('/dev/full', join(repository, 'blobs', `${sha256(data)}.incomplete`));
    await expect(pullModel('owner/name', options)).rejects.toThrow(/^owner\/name@main: the disk is full; make room/);
  });
});

it('says in one line that the cache cannot be written to', async () => {
  const { options, cacheFolder } = await hubAndCache();
  await writeFile(join(cacheFolder, 'file'), '');
  const pull = pullModel('owner/name', { ...options, cacheFolder: join(cacheFolder, 'file') });
  await expect(pull).rejects.toThrow(/^owner\/name@main: the files cannot be kept: ENOTDIR/);
});

describe('content that is not what the list says', () => {
  const blobs = async (repository: string) =>
    (await filesBelow(join(repository, 'blobs'))).filter((name) => name.startsWith(sha256(data)));

  it('is deleted when its hash differs, and said', async () => {
    const { hub, options, repository } = await hubAndCache();
    hub.interfere = ({ url }, response) => {
      if (!url.includes(sha256(data))) return false;
      response.end(Buffer.concat([data.subarray(1), Buffer.from('x')]));
      return true;
    };
    await expect(pullModel('owner/name', options)).rejects.toThrow(
      /^owner\/name@main: unet\/model\.onnx_data: what came has not the SHA-256 that .* it was deleted$/,
    );
    expect(await blobs(repository)).toEqual([]);
    expect((await filesBelow(join(repository, 'snapshots'))).every((path) => path.endsWith('.onnx'))).toBe(true);
  });

  it('is found in small files too, which git names', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = ({ url }, response) => {
      if (!url.includes('vocab.json')) return false;
      response.end('{"b": 0}');
      return true;
    };
    await expect(pullModel('owner/name', options)).rejects.toThrow('what came has not the git hash');
  });

  it('is deleted when it is longer', async () => {
    const { hub, options, repository } = await hubAndCache();
    hub.listed = { [DATA]: { size: data.length - 1 } };
    await expect(pullModel('owner/name', options)).rejects.toThrow("the hub's list says 299999 bytes, but more came");
    expect(await blobs(repository)).toEqual([]);
  });

  it('is deleted when it is shorter', async () => {
    const { hub, options, repository } = await hubAndCache();
    hub.listed = { [DATA]: { size: data.length + 1 } };
    await expect(pullModel('owner/name', options)).rejects.toThrow('list says 300001 bytes, but only 300000 came');
    expect(await blobs(repository)).toEqual([]);
  });
});

describe('a hub that says no', () => {
  it.each([
    [
      401,
      'GatedRepo',
      undefined,
      /the model is gated: it needs a token \(HF_TOKEN\) and accepting its licence at http.*\/owner\/name/,
    ],
    [403, 'GatedRepo', 'hf_x', /the model is gated: it needs accepting its licence at http.*\/owner\/name/],
    [401, 'RepoNotFound', undefined, /no such repository or revision on http.*, or it is private and needs a token/],
    [404, 'RepoNotFound', 'hf_x', /no such repository or revision on http:[^,]*, got 404/],
    [404, 'RevisionNotFound', undefined, /no such revision of the repository http/],
    [403, undefined, 'hf_x', /the token gives no access/],
    [418, undefined, undefined, /refuses it, got 418/],
  ])('%i %s', async (status, code, token, message) => {
    const { hub, options } = await hubAndCache();
    hub.interfere = (_, response) => (refuse(response, status, code), true);
    await expect(pullModel('owner/name', { ...options, token })).rejects.toThrow(message);
    expect(hub.seen).toHaveLength(1);
  });

  it('about a file only', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = ({ url }, response) => url.includes('/resolve/') && (refuse(response, 403, 'GatedRepo'), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow('the model is gated');
  });

  it('about the token', async () => {
    const { hub, options } = await hubAndCache();
    const headers = { 'X-Error-Message': 'Invalid credentials in Authorization header' };
    hub.interfere = (_, response) => (refuse(response, 401, undefined, headers), true);
    await expect(pullModel('owner/name', { ...options, token: 'hf_old' })).rejects.toThrow('does not know this token');
  });

  it('about a revision that is not there', async () => {
    const { options } = await hubAndCache();
    await expect(pullModel('owner/name@nope', options)).rejects.toThrow('owner/name@nope: no such revision');
    await expect(pullModel('owner/other', options)).rejects.toThrow('owner/other@main: no such repository');
  });

  it('and servers that are no hub', async () => {
    const { hub, options } = await hubAndCache();
    hub.interfere = (_, response) => (response.end('<html>Please log in to the network</html>'), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow('does not answer as a hub does');
    hub.interfere = (_, response) => (response.end('{"sha": "../../x"}'), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow('does not answer as a hub does');
    hub.interfere = ({ url }, response) =>
      url.includes('/tree/') && (response.end('[{"type":"file","path":"a","oid":"../b"}]'), true);
    await expect(pullModel('owner/name', options)).rejects.toThrow('does not answer as a hub does');
  });

  it.each(['..\\..\\evil.pb', 'a/../../../evil.pb'])('names of files that lead out of the folder: %j', async (name) => {
    const { options, cacheFolder } = await hubAndCache({
      ...ONNX_MODEL,
      'unet/model.onnx': graphFile('unet', 500, [name]),
      [`unet/${name}`]: ONNX_MODEL[DATA]!,
    });
    await expect(pullModel('owner/name', options)).rejects.toThrow('names a file outside of its folder');
    expect((await filesBelow(cacheFolder)).filter((path) => path.includes('evil'))).toEqual([]);
  });

  it.each(['../../evil.md', '..\\evil.md', 'C:\\evil.md', 'docs/\u001b[2Jevil.md', '/evil.md'])(
    'a list with the name %j, though nobody wants the file',
    async (name) => {
      const { hub, options, cacheFolder } = await hubAndCache({ ...ONNX_MODEL, [name]: ONNX_MODEL['README.md']! });
      await expect(pullModel('owner/name', options)).rejects.toThrow('names a file outside of its folder');
      expect(hub.requests('/resolve/')).toEqual([]);
      expect((await filesBelow(cacheFolder)).filter((path) => path.includes('evil'))).toEqual([]);
    },
  );

  it('lists without an end', async () => {
    const { hub, options } = await hubAndCache();
    let pages = 0;
    hub.interfere = ({ url }, response) => {
      if (!url.includes('/tree/')) return false;
      response.setHeader('Link', `<${hub.endpoint}/api/models/owner/name/tree/x?cursor=${++pages}>; rel="next"`);
      response.end('[]');
      return true;
    };
    await expect(pullModel('owner/name', options)).rejects.toThrow(
      'answers without an end, got "more than 1000 pages"',
    );
    expect(pages).toBe(1000);
  });

  it('lists that unpack without an end', async () => {
    const { hub, options } = await hubAndCache();
    const packed = gzipSync(Buffer.alloc(2 ** 26, ' '), { level: 9 });
    hub.interfere = ({ url }, response) => {
      if (!url.includes('/tree/')) return false;
      response.setHeader('Content-Encoding', 'gzip');
      response.end(packed);
      return true;
    };
    await expect(pullModel('owner/name', options)).rejects.toThrow('answers without an end, got "more than 32 MB"');
  });

  it('files that a graph names and the repository has not', async () => {
    const unet = graphFile('unet', 500, ['lost.pb']);
    const { options } = await hubAndCache({ ...ONNX_MODEL, 'unet/model.onnx': unet });
    await expect(pullModel('owner/name', options)).rejects.toThrow('the repository has not, got "unet/lost.pb"');
  });
});

describe('the cache', () => {
  it('serves offline, and says what it lacks', async () => {
    const { hub, options, repository } = await hubAndCache();
    await expect(pullModel('owner/name', { ...options, offline: true })).rejects.toThrow(
      /offline, and the cache in .* lacks the model/,
    );
    const { folder } = await pullModel('owner/name', options);
    hub.seen.length = 0;
    expect(await pullModel('owner/name', { ...options, offline: true })).toMatchObject({ folder, downloaded: 0 });
    await truncate(join(repository, 'blobs', sha256(data)), 10);
    await expect(pullModel('owner/name', { ...options, offline: true })).rejects.toThrow(
      /lacks unet\/model\.onnx_data/,
    );
    expect(hub.seen).toEqual([]);
  });

  it('serves while the hub cannot be reached, with a note', async () => {
    const { hub, options } = await hubAndCache();
    const { folder } = await pullModel('owner/name', options);
    await hub.close();
    const notes: string[] = [];
    const again = await pullModel('owner/name', { ...options, onNote: (line) => notes.push(line) });
    expect(again).toMatchObject({ folder, downloaded: 0 });
    expect(notes).toEqual([
      expect.stringMatching(/cannot be reached: .*ECONNREFUSED.*; the copy in the cache is used \(commit 01234567\)/),
    ]);
  });

  it('is asked for once where nobody answers, since the name may be a mistyped folder', async () => {
    const { hub, options } = await hubAndCache();
    await hub.close();
    const error: unknown = await pullModel('owner/name', options).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/cannot be reached: .*ECONNREFUSED/);
    expect(String(error)).not.toMatch(/asked \d+ times/);
  });

  it('is mended where a blob was damaged or deleted', async () => {
    const { options, repository } = await hubAndCache();
    const { folder } = await pullModel('owner/name', options);
    await truncate(join(repository, 'blobs', sha256(data)), 10);
    await rm(join(repository, 'blobs', sha256(ONNX_MODEL['unet/model.onnx']!.content)));
    expect(await pullModel('owner/name', options)).toMatchObject({
      downloaded: data.length + ONNX_MODEL['unet/model.onnx']!.content.length,
    });
    expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
  });

  it('serves although it may not be written to', async () => {
    const { options, repository, cacheFolder } = await hubAndCache();
    await pullModel('owner/name', options);
    await rm(join(repository, 'lascaux'), { recursive: true });
    await chmod(repository, 0o555);
    await chmod(cacheFolder, 0o555);
    await expect(pullModel('owner/name', options)).resolves.toMatchObject({ downloaded: 0 });
    await chmod(repository, 0o755);
    await chmod(cacheFolder, 0o755);
  });

  it('is not harmed by several pulls at the same time, which download once', async () => {
    const { hub, options } = await hubAndCache();
    const models = await Promise.all(Array.from({ length: 3 }, () => pullModel('owner/name', options)));
    for (const { folder } of models) expect((await readFile(join(folder, DATA))).equals(data)).toBe(true);
    expect(hub.seen.filter(({ url, host }) => host === 'storage' && url.includes(sha256(data)))).toHaveLength(1);
    expect(await filesBelow(join(options.cacheFolder, '.locks'))).toEqual([]);
  });
});

describe('a plain folder', () => {
  it('gets real files, from the cache where they are there, and keeps what is right', async () => {
    const { hub, options } = await hubAndCache();
    const out = join(await emptyFolder(), 'model');
    const first = await pullModel('owner/name', { ...options, out });
    expect(first.folder).toBe(out);
    expect(await filesBelow(out)).toEqual(ONNX_NEEDED);
    expect(await filesBelow(options.cacheFolder)).toEqual([]);
    await writeFile(join(out, DATA), 'damaged');
    expect(await pullModel('owner/name', { ...options, out })).toMatchObject({ downloaded: data.length });
    await pullModel('owner/name', options);
    hub.seen.length = 0;
    const other = `${out}-2`;
    expect(await pullModel('owner/name', { ...options, out: other, offline: true })).toMatchObject({ downloaded: 0 });
    expect((await readFile(join(other, DATA))).equals(data)).toBe(true);
    expect(hub.seen).toEqual([]);
  });
});
