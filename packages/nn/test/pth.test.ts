import { openPth, readPth } from '@lascaux/nn/pth';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/pth/${name}`, import.meta.url));
const files = ['torch-2.15.pth', 'torch-1.13.pth', 'legacy.pth'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-pth-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(...parts: readonly (Uint8Array | string)[]): Promise<string> {
  const path = join(folder, 'bad.pth');
  await writeFile(path, Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
  return path;
}

/** The message of the error that opening the file, and reading all of it, ends with. */
async function problemOf(path: string): Promise<string> {
  const error: unknown = await readPth(path).then(
    () => 'no error',
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ name: 'LascauxError', message: expect.not.stringContaining('\n') as string });
  return (error as Error).message;
}

/** A pickle in the frame of the legacy format; text stands for its bytes. */
const legacy = (pickle: string): readonly (Uint8Array | string)[] => [
  Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
  Buffer.from('80024de9032e', 'hex'),
  Buffer.concat([Buffer.from('80027d580d000000', 'hex'), Buffer.from('little_endian'), Buffer.from('88732e', 'hex')]),
  Buffer.concat([Buffer.from('8002', 'hex'), Buffer.from(pickle, 'latin1')]),
];

/** A zip archive of stored files, with a chance to change an entry's central record. */
function zip(
  contents: Readonly<Record<string, Uint8Array | string>>,
  change: (record: Buffer, name: string) => void = () => undefined,
): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(contents)) {
    const data = Buffer.from(content as string);
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const record = Buffer.alloc(46 + name.length);
    record.writeUInt32LE(0x02014b50);
    record.writeUInt32LE(data.length, 20);
    record.writeUInt32LE(data.length, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(offset, 42);
    record.write(name, 46);
    change(record, name);
    locals.push(local, data);
    records.push(record);
    offset += local.length + data.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(records.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A pickle of one tensor, opcode by opcode as torch.save writes them; numbers below 256. */
function tensorPickle({ length = 2, shape = [2], strides = [1], offset = 0 } = {}): string {
  const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
  const number = (value: number): string => `K${String.fromCharCode(value)}`;
  const tuple = (values: readonly number[]): string => `(${values.map(number).join('')}t`;
  const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${number(length)}tQ`;
  const rest = `\x89ccollections\nOrderedDict\n)R`;
  return `}${text('x')}ctorch._utils\n_rebuild_tensor_v2\n(${storage}${number(offset)}${tuple(shape)}${tuple(strides)}${rest}tRs.`;
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

describe.each(files)('%s, a state dict of every kind of tensor', (name) => {
  it('gives dtypes, shapes and numbers, the views in order', async () => {
    const tensors = await readPth(fixture(name));
    expect(Object.fromEntries(tensors)).toEqual({
      weight: { dtype: 'F32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      parameter: { dtype: 'F32', shape: [2], data: Float32Array.of(0.5, -0.25) },
      'all.float64': { dtype: 'F64', shape: [4], data: Float64Array.of(1.5, -2, 0, 0.25) },
      'all.float32': { dtype: 'F32', shape: [4], data: Float32Array.of(1.5, -2, 0, 0.25) },
      'all.float16': { dtype: 'F16', shape: [4], data: Uint16Array.of(0x3e00, 0xc000, 0, 0x3400) },
      'all.bfloat16': { dtype: 'BF16', shape: [4], data: Uint16Array.of(0x3fc0, 0xc000, 0, 0x3e80) },
      'all.int64': { dtype: 'I64', shape: [3], data: BigInt64Array.of(-3n, 0n, 100n) },
      'all.int32': { dtype: 'I32', shape: [3], data: Int32Array.of(-3, 0, 100) },
      'all.int16': { dtype: 'I16', shape: [3], data: Int16Array.of(-3, 0, 100) },
      'all.int8': { dtype: 'I8', shape: [3], data: Int8Array.of(-3, 0, 100) },
      'all.uint8': { dtype: 'U8', shape: [2], data: Uint8Array.of(0, 255) },
      'all.bool': { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
      whole: { dtype: 'F32', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) },
      transposed: { dtype: 'F32', shape: [4, 3], data: Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11) },
      slice: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(5, 6, 9, 10) },
      row: { dtype: 'F32', shape: [4], data: Float32Array.of(8, 9, 10, 11) },
      expanded: { dtype: 'F32', shape: [2, 3], data: new Float32Array(6).fill(7) },
      scalar: { dtype: 'F32', shape: [], data: Float32Array.of(9) },
      empty: { dtype: 'F32', shape: [0, 3], data: new Float32Array(0) },
      'nested.inner': { dtype: 'F32', shape: [1], data: Float32Array.of(4) },
    });
  });

  it('is read by name', async () => {
    const file = await openPth(fixture(name));
    expect(file.entries.get('slice')).toEqual({ dtype: 'F32', shape: [2, 2] });
    expect((await file.read('row')).data).toEqual(Float32Array.of(8, 9, 10, 11));
    await expect(file.read('rows')).rejects.toThrow(`${fixture(name)}: has no such tensor, got "rows"`);
    await file.close();
  });

  it('cut short anywhere is refused in one line', async () => {
    const bytes = await readFile(fixture(name));
    for (const part of [0, 3, 16, 40, 0.25, 0.5, 0.9, 0.999]) {
      const length = part < 1 ? Math.floor(part * bytes.length) : part;
      expect(await problemOf(await fileWith(bytes.subarray(0, length)))).toMatch(/bad\.pth: is (truncated|no )/);
    }
  });
});

describe('a file that is no state dict', () => {
  it('says what it begins with', async () => {
    expect(await problemOf(await fileWith('{"a": 1}'))).toMatch(
      /is no file of torch\.save, got "first bytes 7b 22 61 22"/,
    );
    expect(await problemOf(join(folder, 'absent.pth'))).toMatch(/absent\.pth: cannot be opened/);
    expect(await problemOf(folder)).toMatch(/cannot be opened/);
  });

  it('may be another archive', async () => {
    const rule = /is no PyTorch file: the archive must hold one NAME\/data\.pkl/;
    expect(await problemOf(await fileWith(zip({ 'x/readme.txt': 'hello' })))).toMatch(rule);
    expect(await problemOf(await fileWith(zip({ 'a/data.pkl': '.', 'b/data.pkl': '.' })))).toMatch(rule);
    expect(await problemOf(await fileWith(zip({ '../../etc/data.pkl': '.' })))).toMatch(rule);
  });
});

describe('a hostile pickle', () => {
  it.each([
    ['os.system', 'cos\nsystem\nX\x06\0\0\0rm -rf\x85R.'],
    ['builtins.eval', 'cbuiltins\neval\nX\x01\0\0\x001\x85R.'],
    ['posix.system', '\x8c\x05posix\x8c\x06system\x93)R.'],
    ['torch.nn.modules.linear.Linear', 'ctorch.nn.modules.linear\nLinear\n)\x81}b.'],
    ['__main__.toString', 'c__main__\ntoString\n.'],
  ])('that asks for %s is refused by that name', async (name, pickle) => {
    const rule = `holds more than a state dict: only tensors are read, got "${name}"`;
    expect(await problemOf(await fileWith(...legacy(pickle)))).toContain(rule);
    expect(await problemOf(await fileWith(zip({ 'x/data.pkl': latin(pickle) })))).toContain(rule);
  });

  it.each([
    ['a string longer than the file', 'X\xff\xff\xff\xff.', /is cut short/],
    ['a list of no mark', 't.', /has no mark/],
    ['an empty stack', 'R.', /takes from an empty stack/],
    ['a memory that is empty', 'h\x05.', /recalls what it never kept, got 5/],
    ['a call of a number', 'K\x01)R.', /calls what is no function/],
    ['an unknown operation', '\xff.', /operation that no state dict needs, got "0xff"/],
    ['a number alone', 'K\x01.', /holds no tensors/],
    ['attributes of a number', 'K\x01}b.', /sets attributes of what is no dictionary/],
    ['a dictionary that holds itself', '}q\0X\x01\0\0\0ah\0s.', /nested 8 deep/],
    ['a storage that is none', 'K\x01Q.', /persistent id is no storage/],
  ])('with %s is refused', async (_, pickle, message) => {
    expect(await problemOf(await fileWith(zip({ 'x/data.pkl': latin(pickle) })))).toMatch(message);
  });

  it('whose dictionaries hold one another many times over ends soon', async () => {
    const entry = (key: number): string => `K${String.fromCharCode(key)}h\0`;
    const level = `}(${Array.from({ length: 200 }, (_, key) => entry(key)).join('')}uq\0`;
    const pickle = latin(`}q\0${level.repeat(6)}.`);
    expect(await problemOf(await fileWith(zip({ 'x/data.pkl': pickle })))).toMatch(/may hold 1000000 objects/);
  });
});

describe('a tensor that its storage does not hold', () => {
  const with0 = (pickle: string, bytes = 8): Promise<string> =>
    fileWith(zip({ 'x/data.pkl': latin(pickle), 'x/data/0': Buffer.alloc(bytes) }));

  it('is read when all is right', async () => {
    const bytes = Buffer.from(Float32Array.of(1, 2).buffer);
    const path = await fileWith(zip({ 'x/data.pkl': latin(tensorPickle()), 'x/data/0': bytes }));
    expect((await readPth(path)).get('x')).toEqual({ dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) });
  });

  it.each([
    ['reaches too far', { shape: [3] }, /a tensor \[3\] reaches element 2 of storage 0, got "2 elements"/],
    ['begins too far', { offset: 1 }, /reaches element 2/],
    ['strides too far', { strides: [2] }, /reaches element 2/],
    ['has more strides than axes', { strides: [1, 1] }, /a tensor is malformed/],
    ['is in a storage that is longer than its file', { length: 200 }, /storage 0 must hold 200 elements of F32/],
  ])('%s', async (_, facts, message) => {
    expect(await problemOf(await with0(tensorPickle(facts)))).toMatch(message);
  });

  it('repeats one element without end', async () => {
    const huge = tensorPickle({ shape: [255, 255, 255, 255], strides: [0, 0, 0, 0] });
    expect(await problemOf(await with0(huge))).toMatch(/its tensors repeat a file of \d+ bytes too often/);
  });

  it('is not in the archive', async () => {
    expect(await problemOf(await fileWith(zip({ 'x/data.pkl': latin(tensorPickle()) })))).toMatch(/got "no such file"/);
  });
});

describe('a damaged archive', () => {
  const contents = { 'x/data.pkl': latin(tensorPickle()), 'x/data/0': Buffer.alloc(8) };
  const damaged = (field: number, value: number): Promise<string> =>
    fileWith(zip(contents, (record, name) => name === 'x/data/0' && record.writeUInt16LE(value, field)));

  it.each([
    ['compressed files', 10, 8, /x\/data\/0 is compressed/],
    ['a file beyond the end', 44, 0x7fff, /x\/data\/0 lies outside the file/],
    ['a name beyond the directory', 28, 0xffff, /the zip archive is damaged: its directory/],
  ])('with %s is refused', async (_, field, value, message) => {
    expect(await problemOf(await damaged(field, value))).toMatch(message);
  });

  it('with another byte order is refused', async () => {
    expect(await problemOf(await fileWith(zip({ ...contents, 'x/byteorder': 'big' })))).toMatch(
      /the byte order must be little, got "big"/,
    );
  });
});
