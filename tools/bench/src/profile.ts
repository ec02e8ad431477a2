import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LascauxError, randomStream, sizeOf } from '@lascaux/nn';
import { channelBlockOfCpu, encodeModel, openSession, programGraph } from '@lascaux/nn/onnx';
import { Tensor } from 'onnxruntime-common';
import type { BenchNetwork } from './networks.js';

/** What the nodes of one kind take of a step. */
export interface OperatorTime {
  readonly operator: string;
  /** Nodes in a step. */
  readonly count: number;
  /** Milliseconds of all of them in a step. */
  readonly milliseconds: number;
}

/** Where the time of a training step goes. */
export interface StepProfile {
  readonly network: string;
  readonly batchSize: number;
  readonly steps: number;
  /** Of all nodes, in a step. */
  readonly milliseconds: number;
  /** The longest first. */
  readonly operators: readonly OperatorTime[];
}

interface ProfileEvent {
  readonly cat?: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string };
}

/** Sums the node times of ONNX Runtime's profile, but for the first of the runs, which warms up. */
export function operatorTimes(events: readonly ProfileEvent[], runs: number): readonly OperatorTime[] {
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const counted = nodes.slice(nodes.length / runs);
  const sums = new Map<string, { count: number; microseconds: number }>();
  for (const { args, dur = 0 } of counted) {
    const sum = sums.get(args?.op_name ?? '') ?? { count: 0, microseconds: 0 };
    sums.set(args?.op_name ?? '', { count: sum.count + 1, microseconds: sum.microseconds + dur });
  }
  return [...sums]
    .map(([operator, { count, microseconds }]) => ({
      operator,
      count: count / (runs - 1),
      milliseconds: microseconds / 1000 / (runs - 1),
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Runs a network's whole training step as one program on the CPU and times each of its nodes. */
export async function profileStep(
  { name, batchSize, step: { program } }: BenchNetwork,
  { threads = 1, rounds }: { readonly threads?: number | undefined; readonly rounds: number },
): Promise<StepProfile> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-profile-'));
  try {
    const graph = programGraph(program, { channelBlock: await channelBlockOfCpu() });
    const session = await openSession(encodeModel(graph), {
      threads,
      extra: { enableProfiling: true, profileFilePrefix: join(folder, 'profile') },
    });
    const noise = randomStream(0);
    const feeds = Object.fromEntries(
      program.inputs.map(({ name: input, dtype, shape }) => {
        const sizes = shape as readonly number[];
        const size = sizeOf(sizes);
        const data = dtype === 'float32' ? noise.normal(size).map((x) => 0.1 * x) : new BigInt64Array(size);
        return [input, new Tensor(dtype as 'float32', data as Float32Array, sizes)];
      }),
    );
    const runs = rounds + 1;
    for (let i = 0; i < runs; i++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    if (file === undefined) throw new LascauxError({ operation: 'profile', rule: 'ONNX Runtime has written none' });
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly ProfileEvent[];
    const operators = operatorTimes(events, runs);
    const milliseconds = operators.reduce((sum, operator) => sum + operator.milliseconds, 0);
    return { network: name, batchSize, steps: rounds, milliseconds, operators };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kinds of nodes that are shown. */
const SHOWN = 16;

/** A profile, for people. */
export function profileText({ network, batchSize, steps, milliseconds, operators }: StepProfile): string {
  const head = `${network}: batch ${batchSize}, means of ${steps} steps: ${milliseconds.toFixed(0)} ms in nodes`;
  const rows = operators.slice(0, SHOWN).map(({ operator, count, milliseconds: own }) => {
    const share = ((100 * own) / milliseconds).toFixed(1).padStart(5);
    return `  ${operator.padEnd(24)} ${share} %  ${own.toFixed(1).padStart(8)} ms  ${String(count).padStart(6)} nodes`;
  });
  return [head, ...rows].join('\n');
}
