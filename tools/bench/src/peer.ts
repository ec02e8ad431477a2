import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LascauxError, sizeOf } from '@lascaux/nn';
import { z } from 'zod';
import type { NamedArrays } from './arrays.js';
import type { BenchNetwork } from './networks.js';
import { pythonEnvironment } from './python-environment.js';
import type { Trainer, TrainingStart } from './trainer.js';
import { LEARNING_RATE } from './trainer.js';

const SCRIPT = fileURLToPath(new URL('../peer.py', import.meta.url));
const Ready = z.object({ torch: z.string() });
const Product = z.object({ seconds: z.number(), cpuSeconds: z.number() });
const Step = Product.extend({ loss: z.number() });

/** PyTorch in a process of its own. */
export interface Peer extends Trainer {
  readonly version: string;
}

/** What the peer is started with. */
export interface PeerOptions extends TrainingStart {
  /** A Python with torch. */
  readonly python: string;
  readonly network: BenchNetwork;
  readonly threads: number | undefined;
}

/** Writes arrays one after another; returns where each lies. */
async function writeArrays(path: string, arrays: NamedArrays) {
  let offset = 0;
  const places = [...arrays].map(([name, { shape, data }]) => {
    const place = { name, shape, offset };
    offset += data.byteLength;
    return place;
  });
  await writeFile(
    path,
    Buffer.concat(
      [...arrays.values()].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    ),
  );
  return places;
}

/** Reads arrays that lie one after another, with the names and sizes of `like`. */
async function readArrays(path: string, like: NamedArrays): Promise<ReadonlyMap<string, Float32Array>> {
  const bytes = await readFile(path);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let offset = 0;
  return new Map([...like].map(([name, { shape }]) => [name, all.slice(offset, (offset += sizeOf(shape)))]));
}

async function writeStart(folder: string, { network, parameters, batch, threads }: PeerOptions): Promise<void> {
  const description = {
    network: network.name,
    config: network.config,
    rate: LEARNING_RATE,
    threads: threads ?? null,
    parameters: await writeArrays(join(folder, 'parameters.bin'), parameters),
    batch: await writeArrays(join(folder, 'batch.bin'), batch),
  };
  await writeFile(join(folder, 'start.json'), JSON.stringify(description));
}

/** Sends a line, gets a line. */
function dialogue(child: ChildProcessWithoutNullStreams): (line?: string) => Promise<unknown> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.on('error', (error) => (errors += error.message));
  child.stdin.on('error', () => undefined);
  return async (line) => {
    if (line !== undefined) child.stdin.write(`${line}\n`);
    const answer = await lines.next();
    if (answer.done === true) {
      const rule = 'Python must have torch and run the peer';
      throw new LascauxError({ operation: '--peer', rule, value: errors.trim().split('\n').at(-1), kind: 'usage' });
    }
    return JSON.parse(answer.value) as unknown;
  };
}

/**
 * Starts PyTorch on the same network, weights and batch.
 * @throws {LascauxError} when there is no such Python, it has no torch, or the network asks for other weights than ours
 */
export async function openPeer(options: PeerOptions): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-bench-'));
  const child = spawn(options.python, [SCRIPT, folder], { env: pythonEnvironment(options.threads) });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const ask = dialogue(child);
  const dispose = async (): Promise<void> => {
    child.stdin.end();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeStart(folder, options);
    const { torch } = Ready.parse(await ask('start'));
    return {
      version: torch,
      step: async () => Step.parse(await ask('step')),
      firstGradients: async () => {
        await ask('gradients');
        return readArrays(join(folder, 'gradients.bin'), options.parameters);
      },
      product: async () => Product.parse(await ask('product')),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
