import { check, sizeOf } from '@lascaux/nn';
import type { DeviceTensors, Engine, Replica, ReplicaAnswer, ReplicaTask, SharedPart, TensorData } from '@lascaux/nn';
import type { TrainingBatch } from './batches.js';
import type { HostState } from './device-state.js';
import { gradientName, type Sharing, type SplitStep, type UpdatePart } from './split-step.js';
import type { StepNumbers, StepProgram } from './step-program.js';
import { outputName } from './step-names.js';
import type { TrainingStep } from './training-step.js';

/** What `replicatedProgram` needs. */
export interface ReplicatedOptions {
  readonly engine: Engine;
  readonly step: TrainingStep;
  readonly first: HostState;
  readonly sharing: Sharing;
}

/** Parameters one after another in shared memory. */
interface SharedParameters {
  part(name: string): SharedPart;
  readonly length: number;
}

/** The parts of a memory that hold the trained parameters, by name. */
function layout(updates: readonly UpdatePart[]): (memory: SharedArrayBuffer) => SharedParameters {
  const places = new Map<string, { offset: number; length: number }>();
  let length = 0;
  for (const { name, shape } of updates.flatMap(({ parameters }) => parameters)) {
    places.set(name, { offset: length, length: sizeOf(shape) });
    length += sizeOf(shape);
  }
  return (memory) => ({ length, part: (name) => ({ memory, ...places.get(name)! }) });
}

/** One share of an array whose first axis is the batch. */
const shareOf = (data: TensorData, index: number, shares: number): TensorData => {
  const length = data.length / shares;
  return data.slice(index * length, (index + 1) * length);
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Runs steps on several threads. Each holds all parameters and computes the gradients of its share of the batch; then each averages the
 * gradients of some parameters, in the order of the replicas, and updates them. So the result depends on the
 * numbers of replicas and shares, and on nothing else.
 * Why: docs/decisions/0134.
 * @throws {LascauxError} when the engine has no replicas, or the batch cannot be divided
 */
export async function replicatedProgram({ engine, step, first, sharing }: ReplicatedOptions): Promise<StepProgram> {
  const { replicas, accumulation } = sharing;
  const shares = replicas * accumulation;
  const { openReplica } = engine;
  check(openReplica !== undefined, {
    operation: 'replicas',
    rule: `sharing a batch needs the onnx engine on a CPU, not ${engine.name} on ${engine.device}`,
    value: replicas,
    kind: 'usage',
  });
  const split: SplitStep = step.split(sharing);
  const { updates, share } = split;
  const placed = layout(updates);
  const bytes = placed(new SharedArrayBuffer(0)).length * Float32Array.BYTES_PER_ELEMENT;
  const parameters = placed(new SharedArrayBuffer(bytes));
  const slopes = updates.map(() => placed(new SharedArrayBuffer(bytes)));
  const trained = updates.flatMap(({ parameters }) => parameters);
  const threads: readonly Replica[] = updates.map(() => openReplica());
  const onAll = <T>(work: (thread: Replica, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(threads.map(work));

  await onAll(async (thread, index) => {
    const { program, state } = updates[index]!;
    await thread.open('gradients', split.gradients);
    await thread.open('update', program);
    const put = (name: string, shape: readonly number[], data: Float32Array): ReplicaTask => ({
      ...{ kind: 'put', name, shape, data: data.slice() },
    });
    const shapes = new Map(state.map(({ name, shape }) => [name, shape]));
    await thread.perform([
      ...step.frozen.map(({ name, shape }) => put(`param/${name}`, shape, first.get(`param/${name}`)!)),
      ...trained.map(({ name, shape }) => put(`param/${name}`, shape, first.get(`param/${name}`)!)),
      ...[...shapes]
        .filter(([name]) => !name.startsWith('param/'))
        .map(([name, shape]) => put(name, shape, first.get(name)!)),
      ...[...shapes].map(([name, shape]) => put(outputName(name), shape, new Float32Array(sizeOf(shape)))),
    ]);
  });

  /** The sums of the gradients of each replica's shares, left in shared memory; answers the numbers of all shares in their order. */
  async function differentiate(batch: TrainingBatch): Promise<readonly ReplicaAnswer['scalars'][]> {
    const answers = await onAll(async (thread, index) => {
      const found: ReplicaAnswer['scalars'][] = [];
      for (let turn = 0; turn < accumulation; turn++) {
        const { scalars } = await thread.perform([
          ...Object.entries(share).map(([name, { shape }]): ReplicaTask => ({
            ...{ kind: 'put', name, shape: shape as readonly number[] },
            data: shareOf(batch.inputs[name]!, index * accumulation + turn, shares),
          })),
          { kind: 'run', program: 'gradients' },
          ...trained.map(({ name }): ReplicaTask => ({
            ...{ kind: turn === 0 ? 'push' : 'add', name: gradientName(name), part: slopes[index]!.part(name) },
          })),
        ]);
        found.push(scalars);
      }
      return found;
    });
    return answers.flat();
  }

  /** Σ g² of the averaged gradients, each parameter's in the replica that updates it. */
  async function average(): Promise<number> {
    const answers = await onAll((thread, index) =>
      thread.perform(
        updates[index]!.parameters.map(({ name }): ReplicaTask => ({
          ...{ kind: 'reduce', name: gradientName(name), factor: 1 / shares },
          parts: slopes.map((memory) => memory.part(name)),
        })),
      ),
    );
    return answers.reduce((sum, { squares }) => sum + squares, 0);
  }

  /** The new state of each replica's parameters; then all take over all parameters. */
  async function update(scalars: Readonly<Record<string, number>>): Promise<void> {
    await onAll((thread, index) => {
      const { state, parameters: owned } = updates[index]!;
      return thread.perform([
        ...Object.entries(scalars).map(([name, value]): ReplicaTask => ({
          ...{ kind: 'put', name, data: Float32Array.of(value), shape: [] },
        })),
        { kind: 'run', program: 'update' },
        { kind: 'swap', names: state.map(({ name }) => [name, outputName(name)] as const) },
        ...owned.map(({ name }): ReplicaTask => ({
          kind: 'push',
          name: `param/${name}`,
          part: parameters.part(name),
        })),
      ]);
    });
    await onAll((thread, index) =>
      thread.perform(
        updates.flatMap(({ parameters: others }, owner) =>
          owner === index
            ? []
            : others.map(({ name }): ReplicaTask => ({
                ...{ kind: 'pull', name: `param/${name}`, part: parameters.part(name) },
              })),
        ),
      ),
    );
  }

  async function read(): Promise<HostState> {
    const answers = await onAll((thread, index) =>
      thread.perform([{ kind: 'read', names: updates[index]!.state.map(({ name }) => name) }]),
    );
    const frozen = step.frozen.map(({ name }) => [`param/${name}`, first.get(`param/${name}`)!] as const);
    return new Map([...frozen, ...answers.flatMap(({ arrays }) => Object.entries(arrays))]);
  }

  async function weights(): Promise<DeviceTensors> {
    const state = await read();
    return Object.fromEntries(
      step.parameters.map(({ name, shape }) => [
        name,
        engine.upload((state.get(`ema/${name}`) ?? state.get(`param/${name}`))!, shape),
      ]),
    );
  }

  return {
    run: async (batch, scalars): Promise<StepNumbers> => {
      const answers = await differentiate(batch);
      const norm = Math.sqrt(await average());
      const { clip } = step;
      await update({ ...scalars, ...(clip === undefined ? {} : { gradient_scale: clip / Math.max(norm, clip) }) });
      const mean = (name: string): number => meanOf(answers.map((found) => found[name]!));
      return {
        loss: mean('loss'),
        gradientNorm: norm,
        metrics: Object.fromEntries(step.metrics.map((name) => [name, mean(`metric/${name}`)])),
      };
    },
    read,
    weights,
    dispose: async () => {
      await onAll((thread) => thread.dispose());
    },
  };
}
