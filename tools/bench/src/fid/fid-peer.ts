import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LascauxError } from '@lascaux/nn';
import { z } from 'zod';
import { pythonEnvironment } from '../python-environment.js';

const SCRIPT = fileURLToPath(new URL('../../fid-peer.py', import.meta.url));
const Peak = z.object({ peakBytes: z.number() });
const Opened = Peak.extend({ torch: z.string(), scipy: z.string() });
const Timed = Peak.extend({ seconds: z.number(), cpuSeconds: z.number() });
const Distance = Timed.extend({ value: z.number() });

/** How long something took, by the clock and in time of all processors, and the most memory its process ever held. */
export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** pytorch-fid in a process of its own. */
export interface FidPeer {
  /** Its PyTorch and SciPy. */
  readonly version: string;
  features(options: { files: readonly string[]; batch: number; out: string }): Promise<Cost>;
  frechet(a: string, b: string): Promise<Cost & { readonly value: number }>;
  close(): void;
}

/** Starts the peer, which writes random weights for both sides. @throws {LascauxError} when that Python lacks pytorch-fid */
export async function openFidPeer(options: {
  python: string;
  threads: number | undefined;
  weights: string;
}): Promise<FidPeer> {
  const { python, threads, weights } = options;
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'], env: pythonEnvironment(threads) });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint = text.toString('utf8').trim().split('\n').at(-1) ?? ''));
  child.on('error', (error) => (complaint = error.message));
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (command: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    if (done === true) throw new LascauxError({ operation: python, rule: `the peer ended: ${complaint}` });
    return JSON.parse(value);
  };
  const { torch, scipy } = Opened.parse(await ask({ do: 'open', threads: threads ?? 0, weights }));
  return {
    version: `PyTorch ${torch}, SciPy ${scipy}`,
    features: async (what) => Timed.parse(await ask({ do: 'features', ...what })),
    frechet: async (a, b) => Distance.parse(await ask({ do: 'frechet', a, b })),
    close: () => void child.kill(),
  };
}
