import { extname } from 'node:path';
import type { RandomStream } from '@lascaux/nn';
import { pngChunks, pngOf } from '../fixtures/png.js';
import { headerOf, safetensorsOf } from '../fixtures/safetensors.js';
import { mutateBytes, pick, type Mutation } from './bytes.js';
import { mutateJson } from './json.js';
import { mutateLines } from './lines.js';

type Mutate = (input: Uint8Array, random: RandomStream) => Mutation;

/** One chunk, with a right checksum again: else nothing looks further than that. */
function mutateChunk(input: Uint8Array, random: RandomStream): Mutation {
  const chunks = pngChunks(input);
  const at = random.integer(chunks.length);
  const { kind, bytes } = mutateBytes(chunks[at]!.data, random);
  chunks[at] = { ...chunks[at]!, data: bytes };
  return { kind: `${chunks[at].type}: ${kind}`, bytes: pngOf(chunks) };
}

/** The header, as JSON of another content, in front of the same tensors. */
function mutateHeader(input: Uint8Array, random: RandomStream): Mutation {
  const { header, data } = headerOf(input);
  const { kind, bytes } = mutateJson(header, random);
  return { kind: `header: ${kind}`, bytes: safetensorsOf(bytes, data) };
}

const byEnding: Readonly<Record<string, readonly Mutate[]>> = {
  '.json': [mutateJson],
  '.txt': [mutateLines],
  '.csv': [mutateLines],
  '.jsonl': [mutateLines],
  '.png': [mutateBytes, mutateChunk],
  '.safetensors': [mutateBytes, mutateHeader],
};

/** Changes a file in a way that suits its format. */
export function mutateFile(name: string, input: Uint8Array, random: RandomStream): Mutation {
  return pick(random, byEnding[extname(name)] ?? [mutateBytes])(input, random);
}
