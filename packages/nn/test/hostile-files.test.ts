import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LascauxError, limits, parseJson, printable, readSafetensors, readTextFile } from '@lascaux/nn';
import { readPth } from '@lascaux/nn/pth';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'lascaux-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, ...parts: readonly (Uint8Array | string)[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
  return path;
}

/** The error of a call, which must be ours and of one line. */
async function refusalOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(LascauxError);
    const { message } = error as LascauxError;
    expect(message).not.toMatch(/\p{Cc}/u);
    return message;
  }
  return 'was read';
}

const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    const text = '{"a":[1,{"b":"]}\\"["}],"c":null}';
    expect(parseJson(text, { name: 'x' })).toEqual(JSON.parse(text));
  });

  it('counts brackets outside of texts only', () => {
    const brackets = JSON.stringify('['.repeat(1000));
    expect(parseJson(brackets, { name: 'x', depth: 1 })).toBe('['.repeat(1000));
  });

  it.each([
    ['one level more than it may have', '[[[]]]', { depth: 2 }, 'JSON may be nested 2 deep'],
    ['a million brackets', '['.repeat(1e6), {}, 'JSON may be nested 64 deep'],
    ['one value more', '[1,2,3]', { values: 3 }, 'JSON may hold 3 values'],
    ['a text without an end', `"${'\\"'.repeat(1e6)}`, {}, 'must be valid JSON'],
    ['nothing', '', {}, 'must be valid JSON'],
    ['a line break in a message', '{"a":\n\u001b[31m}', {}, 'must be valid JSON'],
  ])('refuses %s', async (_, text, options, rule) => {
    expect(await refusalOf(() => parseJson(text, { name: 'x', ...options }))).toContain(`x: ${rule}`);
  });
});

describe('printable', () => {
  it('leaves text of any script alone', () => {
    const text = 'a "café", 日本 👩‍🚀 — שלום';
    expect(printable(text)).toBe(text);
  });

  it('shows what would steer a terminal', () => {
    expect(printable('\u001b[31m\u009b1m\r\n\t\u0000\u007f\u202e\u2028\ud800')).toBe(
      '\\u001b[31m\\u009b1m\\r\\n\\t\\u0000\\u007f\\u202e\\u2028\\ud800',
    );
  });
});

describe('a hostile file is refused at once', () => {
  it.each([
    ['brackets', '['.repeat(4e6)],
    ['tensors', `{${Array.from({ length: limits.tensors + 1 }, (_, i) => `"${i}":{}`).join(',')}}`],
    ['axes', `{"a":{"dtype":"F32","shape":[${'1,'.repeat(64)}0],"data_offsets":[0,0]}}`],
  ])('a safetensors header of too many %s', async (_, header) => {
    const path = fileOf('a.safetensors', u64(header.length), header);
    expect(await refusalOf(() => readSafetensors(path))).toMatch(
      /nested 3 deep|may hold 100000 tensors|may have 64 axes/,
    );
  });

  it('a safetensors header that is too long', async () => {
    const path = fileOf('a.safetensors', u64(limits.safetensorsHeaderBytes + 1));
    expect(await refusalOf(() => readSafetensors(path))).toContain('the header may have at most');
  });

  const legacy = Buffer.from('80028a0a6cfc9c46f9206aa850192e80024de9032e80027d', 'hex');
  const system = Buffer.from('58 0d000000 6c6974746c655f656e6469616e 88 73 2e'.replaceAll(' ', ''), 'hex');
  const begin = Buffer.concat([legacy, system, Buffer.from('8002', 'hex')]);
  it.each([
    ['dictionaries', '}'],
    ['tuples', ')'],
    ['lists', ']'],
    ['marks', '('],
  ])('a pickle of endless %s', async (_, operation) => {
    const path = fileOf('a.pth', begin, operation.repeat(2e6), '.');
    expect(await refusalOf(() => readPth(path))).toContain('a pickle may take 1000000 operations');
  });

  it('a pickle that makes a long dictionary over and over', async () => {
    const pairs = Buffer.concat([
      Buffer.from(']('),
      Buffer.from('K\x01K\x02\x86'.repeat(10_000), 'latin1'),
      Buffer.from('e'),
    ]);
    const calls = 'h\x00h\x01R0'.repeat(10_000);
    const path = fileOf(
      'a.pth',
      begin,
      'ccollections\nOrderedDict\nq\x000',
      pairs,
      Buffer.from('\x85q\x010', 'latin1'),
      calls,
      '}.',
    );
    expect(await refusalOf(() => readPth(path))).toContain('a pickle may take 1000000 operations');
  });

  it('a pointer of Git LFS, by any name', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`;
    const path = fileOf('p', pointer);
    const rule = `${path}: is a Git LFS pointer, not the file`;
    expect(await refusalOf(() => readSafetensors(path))).toContain(rule);
    expect(await refusalOf(() => readPth(path))).toContain(rule);
    expect(await refusalOf(() => readTextFile(path, 1e6))).toContain(rule);
  });
});
