import { limits } from '../limits.js';
import { PickleReader } from './pickle-reader.js';
import type { PickleContext, PickleValue } from './pickle-values.js';
import { PickleCallable } from './pickle-values.js';

/** The state of the pickle machine. */
class Machine {
  #stack: PickleValue[] = [];
  readonly #marked: PickleValue[][] = [];
  readonly memo = new Map<number, PickleValue>();
  #spent = 0;

  constructor(
    readonly reader: PickleReader,
    readonly context: PickleContext,
  ) {}

  /** Counts operations, and the elements that a call goes through: a list is made once and may be used again and again. */
  spend(count: number): void {
    this.#spent += count;
    if (this.#spent > limits.pickleOperations)
      throw this.context.fail(`a pickle may take ${limits.pickleOperations} operations, and this one takes more`);
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.context.fail('the pickle takes from an empty stack');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marked.push(this.#stack);
    this.#stack = [];
  }

  /** Everything since the last mark. */
  popMark(): PickleValue[] {
    const before = this.#marked.pop();
    if (before === undefined) throw this.context.fail('the pickle has no mark where it needs one');
    const items = this.#stack;
    this.#stack = before;
    return items;
  }

  tuple(length: number): void {
    const items = Array.from({ length }, () => this.pop());
    this.push(items.reverse());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.context.fail('the pickle recalls what it never kept', index);
    this.push(value);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.context.fail('the pickle appends to what is no list');
    for (const item of items) list.push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map) || items.length % 2 !== 0)
      throw this.context.fail('the pickle sets items of what is no dictionary');
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i] as PickleValue, items[i + 1] as PickleValue);
  }

  reduce(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleCallable) || !Array.isArray(args))
      throw this.context.fail('the pickle calls what is no function');
    for (const arg of args) if (Array.isArray(arg)) this.spend(arg.length);
    this.push(callable.call(args));
  }

  /** Attributes of an ordered dictionary (`_metadata`) are left out; nothing else has any. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw this.context.fail('the pickle sets attributes of what is no dictionary');
  }
}

/** What each opcode does; names as in Python's `pickle`. */
const opcodes: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: ({ reader }) => reader.skip(1), // PROTO
  0x95: ({ reader }) => reader.skip(8), // FRAME
  0x28: (m) => m.mark(), // MARK
  0x30: (m) => void m.pop(), // POP
  0x4e: (m) => m.push(null), // NONE
  0x88: (m) => m.push(true), // NEWTRUE
  0x89: (m) => m.push(false), // NEWFALSE
  0x4a: (m) => m.push(m.reader.int32()), // BININT
  0x4b: (m) => m.push(m.reader.uint8()), // BININT1
  0x4d: (m) => m.push(m.reader.uint16()), // BININT2
  0x8a: (m) => m.push(m.reader.integer(m.reader.uint8())), // LONG1
  0x47: (m) => m.push(m.reader.float64()), // BINFLOAT
  0x54: (m) => m.push(m.reader.text(m.reader.uint32())), // BINSTRING
  0x55: (m) => m.push(m.reader.text(m.reader.uint8())), // SHORT_BINSTRING
  0x58: (m) => m.push(m.reader.text(m.reader.uint32())), // BINUNICODE
  0x8c: (m) => m.push(m.reader.text(m.reader.uint8())), // SHORT_BINUNICODE
  0x29: (m) => m.push([]), // EMPTY_TUPLE
  0x5d: (m) => m.push([]), // EMPTY_LIST
  0x7d: (m) => m.push(new Map()), // EMPTY_DICT
  0x74: (m) => m.push(m.popMark()), // TUPLE
  0x85: (m) => m.tuple(1), // TUPLE1
  0x86: (m) => m.tuple(2), // TUPLE2
  0x87: (m) => m.tuple(3), // TUPLE3
  0x61: (m) => m.append([m.pop()]), // APPEND
  0x65: (m) => m.append(m.popMark()), // APPENDS
  0x73: (m) => m.setItems([m.pop(), m.pop()].reverse()), // SETITEM
  0x75: (m) => m.setItems(m.popMark()), // SETITEMS
  0x71: (m) => void m.memo.set(m.reader.uint8(), m.top()), // BINPUT
  0x72: (m) => void m.memo.set(m.reader.uint32(), m.top()), // LONG_BINPUT
  0x94: (m) => void m.memo.set(m.memo.size, m.top()), // MEMOIZE
  0x68: (m) => m.recall(m.reader.uint8()), // BINGET
  0x6a: (m) => m.recall(m.reader.uint32()), // LONG_BINGET
  0x63: (m) => m.push(m.context.global(`${m.reader.line()}.${m.reader.line()}`)), // GLOBAL
  // STACK_GLOBAL: the name lies above its module.
  0x93: (m) => {
    const [name, module] = [m.pop(), m.pop()];
    if (typeof module !== 'string' || typeof name !== 'string')
      throw m.context.fail('the pickle asks for what has no name');
    m.push(m.context.global(`${module}.${name}`));
  },
  0x51: (m) => m.push(m.context.persistent(m.pop())), // BINPERSID
  0x52: (m) => m.reduce(), // REDUCE
  0x81: (m) => m.reduce(), // NEWOBJ
  0x62: (m) => m.build(), // BUILD
};

const STOP = 0x2e;

/**
 * Runs one pickle, which may hold numbers, text, lists, tuples, dictionaries and what `context` allows; nothing is ever imported or
 * executed. Source: Python's `pickletools`, protocols 2 to 4 without sets, bytes and classes.
 * @returns the object, and where the pickle ends
 * @throws {PickleTruncated} when the bytes end before it does
 * @throws the error of `context.fail` when it is malformed or asks for something else
 */
export function unpickle(
  bytes: Uint8Array,
  { context, position = 0 }: { readonly context: PickleContext; readonly position?: number },
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(new PickleReader(bytes, position), context);
  for (;;) {
    const opcode = machine.reader.uint8();
    if (opcode === STOP) return { value: machine.pop(), end: machine.reader.position };
    machine.spend(1);
    const run = opcodes[opcode];
    if (run === undefined)
      throw context.fail('the pickle has an operation that no state dict needs', `0x${opcode.toString(16)}`);
    run(machine);
  }
}
