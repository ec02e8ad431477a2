/** The part of the WebAssembly JavaScript interface used here; TypeScript declares it only in its DOM library. */
interface WebAssemblyInterface {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };

/** An instantiated kernel: its linear memory and its single function. */
export interface Kernel {
  readonly buffer: ArrayBuffer;
  readonly run: (...parameters: number[]) => void;
}

/** Value types and instructions of the binary format (WebAssembly core specification 2.0, chapter 5). */
const type = { i32: 0x7f, v128: 0x7b } as const;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const name = (text: string): number[] => sized([...new TextEncoder().encode(text)]);

const shifted = (local: number, amount: number): number[] => [0x20, ...unsigned(local), 0x41, amount & 0x7f, 0x6a];

/** Instructions as byte sequences; the operands come before them, as on the stack machine. */
export const op = {
  get: (local: number): number[] => [0x20, ...unsigned(local)],
  set: (local: number): number[] => [0x21, ...unsigned(local)],
  loop: [0x03, 0x40],
  end: [0x0b],
  repeatIf: [0x0d, 0x00],
  /** local += amount, for i32; the amount is in −64..63, so one byte of signed LEB128 holds it. */
  advance: (local: number, amount: number): number[] => [...shifted(local, amount), 0x21, ...unsigned(local)],
  /** local −= 1, leaving the new value for `repeatIf`. */
  countDown: (local: number): number[] => [...shifted(local, -1), 0x22, ...unsigned(local)],
  load: (offset: number): number[] => [0xfd, 0x00, 0x03, ...unsigned(offset)],
  loadSplat: (offset: number): number[] => [0xfd, 0x0a, 0x03, ...unsigned(offset)],
  store: (offset: number): number[] => [0xfd, 0x0b, 0x03, ...unsigned(offset)],
  add: [0xfd, 0xf0, 0x01],
  subtract: [0xfd, 0xf1, 0x01],
  multiply: [0xfd, 0xf2, 0x01],
} as const;

/**
 * Compiles one function of i32 parameters and v128 locals, with a memory of its own.
 *
 * @throws LascauxError when the memory cannot be had.
 */
export function compileKernel(options: {
  parameters: number;
  vectors: number;
  body: readonly number[];
  memoryBytes: number;
}): Kernel {
  const { parameters, vectors, body, memoryBytes } = options;
  const pages = Math.ceil(memoryBytes / 65536);
  const signature = [0x60, ...sized(new Array<number>(parameters).fill(type.i32)), 0];
  const code = [1, ...unsigned(vectors), type.v128, ...body, ...op.end];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...signature]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...sized(code)]),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { buffer: (exports.memory as { buffer: ArrayBuffer }).buffer, run: exports.run as Kernel['run'] };
}
