import type { RandomStream } from '@lascaux/nn';
import { mutateBytes, pick, type Mutation } from './bytes.js';

type Change = (lines: string[], at: number, random: RandomStream) => void;

const WORDS = ['a', 'a b c', ' ', '\t', 'a  b', '\u0000 b', '\ud800 x', '../.. x', '"', '{', ',,,', '\u001b[2J'];

const changes: Readonly<Record<string, Change>> = {
  drop: (lines, at) => lines.splice(at, 1),
  double: (lines, at) => lines.splice(at, 0, lines[at]!),
  blank: (lines, at) => lines.splice(at, 0, ''),
  swap(lines, at, random) {
    const other = random.integer(lines.length);
    [lines[at], lines[other]] = [lines[other]!, lines[at]!];
  },
  long: (lines, at) => void (lines[at] = 'x '.repeat(50_000)),
  words: (lines, at, random) => void (lines[at] = pick(random, WORDS)),
  ending: (lines) => lines.splice(0, lines.length, ...lines.map((line) => `${line}\r`)),
  half: (lines, at) => lines.splice(at),
};

/** Changes a text of lines. */
export function mutateLines(input: Uint8Array, random: RandomStream): Mutation {
  if (random.integer(3) === 0) return mutateBytes(input, random);
  const lines = Buffer.from(input).toString('utf8').split('\n');
  const kind = pick(random, Object.keys(changes));
  changes[kind]!(lines, random.integer(lines.length), random);
  return { kind: `lines: ${kind}`, bytes: Buffer.from(lines.join('\n')) };
}
