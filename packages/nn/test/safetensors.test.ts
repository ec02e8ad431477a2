import type { SafetensorsTensor, SafetensorsType } from '@lascaux/nn';
import { readSafetensors, readSafetensorsHeader, safetensorsTypes, writeSafetensors } from '@lascaux/nn';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lascaux-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const arrays: Readonly<Record<SafetensorsType, SafetensorsTensor['data']>> = {
  F64: Float64Array.of(Math.PI, -0, 5e-324, Infinity),
  F32: Float32Array.of(1.5, -2, 3e-39, 4),
  F16: Uint16Array.of(0x3c00, 1, 0xffff, 0),
  BF16: Uint16Array.of(0x3f80, 2, 3, 4),
  F8_E4M3: Uint8Array.of(0x38, 0x7f, 1, 0x80),
  F8_E5M2: Uint8Array.of(0x3c, 0x7c, 1, 0x80),
  I64: BigInt64Array.of(2n ** 62n, -1n, 0n, 7n),
  I32: Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, 9),
  I16: Int16Array.of(-32768, 32767, 0, 1),
  I8: Int8Array.of(-128, 127, 0, 1),
  U8: Uint8Array.of(0, 255, 1, 2),
  BOOL: Uint8Array.of(0, 1, 1, 0),
};

/** A file with this header text, padded, and this many data bytes. */
async function fileWith(header: string, dataBytes: number, declared = Buffer.byteLength(header)): Promise<string> {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(declared));
  const path = join(folder, 'bad.safetensors');
  await writeFile(path, Buffer.concat([size, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return path;
}

describe('a safetensors file', () => {
  it('gives back every dtype, shape, name and the metadata', async () => {
    const path = join(folder, 'all.safetensors');
    const dtypes = Object.keys(safetensorsTypes) as SafetensorsType[];
    const tensors: Record<string, SafetensorsTensor> = Object.fromEntries(
      dtypes.map((dtype) => [`größe.${dtype}`, { dtype, shape: [2, 2], data: arrays[dtype] }]),
    );
    tensors.scalar = { dtype: 'F32', shape: [], data: Float32Array.of(7) };
    tensors.empty = { dtype: 'F32', shape: [0, 3], data: new Float32Array(0) };
    tensors['10'] = { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) };
    await writeSafetensors(path, tensors, { format: 'pt', 'note "quoted"': 'é' });

    const read = await readSafetensors(path);
    expect(read.metadata).toEqual({ format: 'pt', 'note "quoted"': 'é' });
    expect(Object.fromEntries(read.tensors)).toEqual(tensors);
  });

  it('has the layout of the reference: a header of a multiple of 8 bytes, wide elements first, then names', async () => {
    const path = join(folder, 'layout.safetensors');
    await writeSafetensors(path, {
      b: { dtype: 'F32', shape: [1], data: Float32Array.of(1) },
      a: { dtype: 'F16', shape: [1], data: Uint16Array.of(1) },
      c: { dtype: 'F32', shape: [1], data: Float32Array.of(2) },
    });
    const bytes = await readFile(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(bytes.length).toBe(8 + length + 10);
    expect(bytes.subarray(8, 8 + length).toString()).toMatch(
      /^\{"b":\{"dtype":"F32","shape":\[1\],"data_offsets":\[0,4\]\},"c":.*\[4,8\]\},"a":.*\[8,10\]\}\} *$/,
    );
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64, 1, 0]);
  });

  it('says where each tensor lies, counted from the beginning of the file', async () => {
    const path = join(folder, 'offsets.safetensors');
    await writeSafetensors(path, {
      x: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) },
      y: { dtype: 'I8', shape: [3], data: Int8Array.of(3, 4, 5) },
    });
    const { entries } = await readSafetensorsHeader(path);
    const bytes = await readFile(path);
    const { offset = 0, length = 0 } = entries.get('y') ?? {};
    expect([...bytes.subarray(offset, offset + length)]).toEqual([3, 4, 5]);
    expect(offset + length).toBe(bytes.length);
  });

  it('gives only the tensors asked for', async () => {
    const path = join(folder, 'some.safetensors');
    const one = (value: number): SafetensorsTensor => ({ dtype: 'U8', shape: [1], data: Uint8Array.of(value) });
    await writeSafetensors(path, { a: one(1), b: one(2), c: one(3) });
    const { tensors } = await readSafetensors(path, ['c', 'a']);
    expect([...tensors].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['c', 3],
      ['a', 1],
    ]);
    await expect(readSafetensors(path, ['d'])).rejects.toThrow(`${path}: has no such tensor, got "d"`);
  });

  it('writes a view without its neighbours', async () => {
    const path = join(folder, 'view.safetensors');
    const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, { view: { dtype: 'F32', shape: [2], data: view } });
    expect((await readSafetensors(path)).tensors.get('view')?.data).toEqual(Float32Array.of(2, 3));
  });
});

describe('a file is refused in one line that names it', () => {
  const entry = (dtype: string, shape: string, offsets: string): string =>
    `{"t":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;

  it.each([
    ['text instead of JSON', '{"t":', 0, 'the safetensors header: must be valid JSON'],
    ['a list', '[]', 0, 'must be a JSON object'],
    ['an unknown dtype', entry('F8', '[1]', '[0,1]'), 1, 'tensor t: dtype must be one of F64, F32'],
    ['an inherited name as dtype', entry('toString', '[1]', '[0,1]'), 1, 'tensor t: dtype must be one of'],
    ['a negative size', entry('U8', '[-1]', '[0,1]'), 1, 'tensor t: shape must be a list of whole numbers'],
    ['a fractional size', entry('U8', '[1.5]', '[0,1]'), 1, 'tensor t: shape must be a list of whole numbers'],
    ['one offset', entry('U8', '[1]', '[0]'), 1, 'tensor t: data_offsets must be two whole numbers'],
    ['offsets of another length', entry('F32', '[2]', '[0,4]'), 8, 'tensor t: data_offsets must span the 8 bytes'],
    ['offsets backwards', entry('U8', '[1]', '[1,0]'), 1, 'tensor t: data_offsets must span'],
    ['data beyond the end', entry('F32', '[2]', '[0,8]'), 4, 'is truncated: tensor t ends'],
    ['a hole before the data', entry('U8', '[1]', '[1,2]'), 2, 'tensor t must begin where the one before it ends'],
    ['metadata that is no text', '{"__metadata__":{"a":1}}', 0, '__metadata__ must map text to text'],
    ['no object for a tensor', '{"t":7}', 0, 'tensor t: must be an object'],
  ])('%s', async (_, header, dataBytes, rule) => {
    const path = await fileWith(header, dataBytes);
    await expect(readSafetensors(path)).rejects.toThrow(rule);
    await expect(readSafetensors(path)).rejects.toMatchObject({ name: 'LascauxError', operation: path });
  });

  it('overlapping tensors, and bytes that belong to none', async () => {
    const two =
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}';
    await expect(readSafetensors(await fileWith(two, 3))).rejects.toThrow('tensor b must begin where');
    await expect(readSafetensors(await fileWith(entry('U8', '[1]', '[0,1]'), 5))).rejects.toThrow('bad.safetensors: ');
  });

  it('lengths that cannot be', async () => {
    await expect(readSafetensors(await fileWith('{}', 0, 4000))).rejects.toThrow('is truncated: the header alone ends');
    await expect(readSafetensors(await fileWith('{}', 0, 2 ** 40))).rejects.toThrow('the header may have at most');
    const short = join(folder, 'short');
    await writeFile(short, 'abc');
    await expect(readSafetensors(short)).rejects.toThrow('shorter than 8 bytes');
    await expect(readSafetensors(join(folder, 'nowhere'))).rejects.toThrow('cannot be opened');
  });

  it('arrays of another length than their shape, leaving no file behind', async () => {
    const path = join(folder, 'never.safetensors');
    const wrong: SafetensorsTensor = { dtype: 'F32', shape: [3], data: new Float32Array(2) };
    await expect(writeSafetensors(path, { wrong })).rejects.toThrow('tensor wrong [3] F32 needs 12 bytes, got 8');
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});
