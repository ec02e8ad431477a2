import { join } from 'node:path';
import { check, parseJson, readSafetensors, sizeOf, writeSafetensors } from '@lascaux/nn';
import type { Position } from './batches.js';
import { checkpointName, point } from './checkpoint-pointers.js';
import type { HostState } from './device-state.js';
import type { RunFolder } from './run-folder.js';
import type { TrainingStep } from './training-step.js';

/** Metadata of a checkpoint. */
export interface CheckpointFacts extends Position {
  readonly seed: number;
  /** Threads that shared each batch; 1 where the file does not say. */
  readonly replicas?: number;
  /** Shares that each of them took one after another; 1 where the file does not say. */
  readonly accumulation?: number;
  /** The optimiser's name. */
  readonly optimizer: string;
  /** The resolved configuration of the run. */
  readonly config: unknown;
}

/** A state with its facts, as read from a file. */
export interface Checkpoint extends CheckpointFacts {
  readonly path: string;
  readonly state: HostState;
}

const shapesOf = (step: TrainingStep): ReadonlyMap<string, readonly number[]> =>
  new Map([
    ...step.state.map(({ name, shape }) => [name, shape] as const),
    ...step.frozen.map(({ name, shape }) => [`param/${name}`, shape] as const),
  ]);

/**
 * Writes a checkpoint and then points `latest.json` at it; a crash at any moment leaves the one before it in force.
 * @throws {LascauxError} when a value is not finite: such a state is never written
 */
export async function writeCheckpoint({
  folder,
  step,
  state,
  facts,
}: {
  folder: RunFolder;
  step: TrainingStep;
  state: HostState;
  facts: CheckpointFacts;
}): Promise<string> {
  const tensors = [...shapesOf(step)].map(([name, shape]) => {
    const data = state.get(name);
    check(data !== undefined, { operation: 'checkpoint', rule: 'a tensor is missing', value: name });
    check(isAllFinite(data), () => ({
      operation: 'checkpoint',
      rule: `every value must be finite; not written at ${facts.imagesSeen} images`,
      value: name,
    }));
    return [name, { dtype: 'F32' as const, shape: [...shape], data }] as const;
  });
  const path = join(folder.checkpoints, checkpointName(facts.imagesSeen));
  await writeSafetensors(path, Object.fromEntries(tensors), { checkpoint: JSON.stringify(facts) });
  await point(folder, 'latest', facts);
  return path;
}

function isAllFinite(data: Float32Array): boolean {
  // A sum over finite float32 numbers stays finite in double precision; NaN and infinities stick to it.
  let total = 0;
  for (const value of data) total += value;
  return Number.isFinite(total);
}

/**
 * Reads one checkpoint.
 * @throws {LascauxError} naming the file when it is no checkpoint or one of another optimiser, and the tensor when one is missing, unknown or of another shape
 */
export async function readCheckpoint(path: string, step: TrainingStep): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const facts = parseFacts(path, metadata.checkpoint);
  check(facts.optimizer === step.optimizer.name, {
    operation: path,
    rule: `was written by the optimiser ${facts.optimizer}`,
    value: step.optimizer.name,
    kind: 'usage',
  });
  const shapes = shapesOf(step);
  for (const name of tensors.keys())
    check(shapes.has(name), { operation: path, rule: 'holds a tensor that this step does not know', value: name });
  const state = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name);
    check(tensor !== undefined, { operation: path, rule: 'lacks a tensor', value: name });
    check(tensor.shape.join() === shape.join(), {
      operation: `${path}: ${name}`,
      rule: `must have shape [${shape.join(', ')}]`,
      value: `[${tensor.shape.join(', ')}]`,
    });
    check(tensor.data instanceof Float32Array && tensor.data.length === sizeOf(shape), {
      operation: `${path}: ${name}`,
      rule: 'must be F32',
      value: tensor.dtype,
    });
    state.set(name, tensor.data);
  }
  return { ...facts, path, state };
}

function parseFacts(path: string, text: string | undefined): CheckpointFacts {
  check(text !== undefined, {
    operation: path,
    rule: 'is no training checkpoint: its metadata has no entry "checkpoint"',
    kind: 'usage',
  });
  const facts = parseJson(text, { name: path, part: 'the metadata entry "checkpoint"' }) as CheckpointFacts | null;
  const counts = [facts?.imagesSeen, facts?.step, facts?.seed];
  check(facts !== null && counts.every((count) => Number.isSafeInteger(count) && count! >= 0), {
    operation: path,
    rule: 'the metadata entry "checkpoint" must count images, steps and seed',
  });
  return facts;
}
