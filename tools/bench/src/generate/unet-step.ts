import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { randomStream, readSafetensors, sizeOf, writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/onnx';
import { Tensor, type InferenceSession } from 'onnxruntime-common';
import { z } from 'zod';
import { pythonEnvironment } from '../python-environment.js';
import { median } from '../statistics.js';

/** Seconds of one UNet call, medians of rounds. */
export interface StepTime {
  readonly seconds: number;
  /** Of all threads; what else runs on the machine hardly lengthens it. */
  readonly cpuSeconds: number;
}

/** A UNet call here and in PyTorch. */
export interface StepComparison {
  readonly ours: StepTime;
  readonly peer: (StepTime & { readonly torch: string; readonly largestDifference: number }) | undefined;
}

/** How the UNet is called. */
export interface StepOptions {
  /** Side of the latent. */
  readonly latent: number;
  readonly threads: number;
  readonly rounds: number;
  /** A Python with torch and diffusers. */
  readonly python: string | undefined;
}

const SCRIPT = fileURLToPath(new URL('../../unet-peer.py', import.meta.url));
const Peer = z.object({ torch: z.string(), seconds: z.array(z.number()), cpuSeconds: z.array(z.number()) });

/** Times one call of `unet/` with the same weights and inputs here and in eager PyTorch, one after the other. */
export async function compareSteps(model: string, options: StepOptions): Promise<StepComparison> {
  const folder = join(model, 'unet');
  const session = await openSession(join(folder, 'model.onnx'), { threads: options.threads });
  const inputs = randomInputs(session, options.latent);
  const { output, ...ours } = await ownSteps(session, inputs, options.rounds);
  await session.release();
  if (options.python === undefined) return { ours, peer: undefined };
  const { python, threads, rounds } = options;
  const { output: theirs, ...peer } = await peerSteps(python, [folder, String(threads), String(rounds)], inputs);
  const largestDifference = output.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i]!)), 0);
  return { ours, peer: { ...peer, largestDifference } };
}

type Inputs = Readonly<Record<string, { readonly shape: number[]; readonly data: Float32Array }>>;

/** Noise for what the graph declares: its channels, its tokens (77 where it leaves them free). */
function randomInputs(session: InferenceSession, latent: number): Inputs {
  const random = randomStream(3);
  const drawn = (name: string, free: readonly number[]) => {
    const metadata = session.inputMetadata.find((input) => input.name === name);
    const declared = metadata?.isTensor === true ? metadata.shape : [];
    const shape = free.map((size, axis) => {
      const fixed = declared[axis];
      return typeof fixed === 'number' && fixed > 0 ? fixed : size;
    });
    return { shape, data: random.normal(sizeOf(shape)) };
  };
  return {
    sample: drawn('sample', [1, 4, latent, latent]),
    encoder_hidden_states: drawn('encoder_hidden_states', [1, 77, 768]),
  };
}

async function ownSteps(
  session: InferenceSession,
  inputs: Inputs,
  rounds: number,
): Promise<StepTime & { output: Float32Array }> {
  const tensors = Object.entries(inputs).map(([name, { data, shape }]) => [name, new Tensor('float32', data, shape)]);
  const feeds = {
    ...(Object.fromEntries(tensors) as Record<string, Tensor>),
    timestep: new Tensor('float32', Float32Array.of(500), []),
  };
  const times: { seconds: number; cpu: number }[] = [];
  let output = new Float32Array();
  for (let round = 0; round <= rounds; round++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const results = await session.run(feeds);
    const spent = process.cpuUsage(cpu);
    times.push({ seconds: (performance.now() - started) / 1e3, cpu: (spent.user + spent.system) / 1e6 });
    output = results.out_sample!.data as Float32Array<ArrayBuffer>;
  }
  // The first call makes its memory.
  const counted = times.slice(1);
  return {
    seconds: median(counted.map(({ seconds }) => seconds)),
    cpuSeconds: median(counted.map(({ cpu }) => cpu)),
    output,
  };
}

async function peerSteps(
  python: string,
  [folder, ...counts]: readonly [string, ...string[]],
  inputs: Inputs,
): Promise<StepTime & { torch: string; output: Float32Array }> {
  const scratch = await mkdtemp(join(tmpdir(), 'lascaux-bench-'));
  try {
    const file = join(scratch, 'inputs.safetensors');
    const tensors = Object.entries(inputs).map(([name, tensor]) => [name, { dtype: 'F32' as const, ...tensor }]);
    await writeSafetensors(file, Object.fromEntries(tensors) as Record<string, SafetensorsTensor>);
    const env = pythonEnvironment(Number(counts[0]));
    const { stdout } = await promisify(execFile)(python, ['-W', 'ignore', SCRIPT, folder, file, ...counts], { env });
    const { torch, seconds, cpuSeconds } = Peer.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
    const results = await readSafetensors(`${file}.out`);
    const output = results.tensors.get('out_sample')!.data as Float32Array;
    return { torch, seconds: median(seconds), cpuSeconds: median(cpuSeconds), output };
  } finally {
    await rm(scratch, { recursive: true });
  }
}
