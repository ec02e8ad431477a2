import { totalmem } from 'node:os';
import { check, sizeOf } from '@lascaux/nn';
import type { Engine, Operation, Program, TensorType } from '@lascaux/nn';
import type { TrainingStep } from './training-step.js';

/** Bytes of an element. */
const WIDTHS = { float32: 4, float16: 2, int32: 4, int64: 8 } as const;
const GIBIBYTE = 2 ** 30;
/**
 * What an engine takes beside the values themselves: ONNX Runtime's arena and the workspaces of convolutions made 2.3 (a UNet) and 2.5 times (a VAE) of
 * them in all, measured at 64 and 128 images. Of tfjs only the values are counted.
 */
const OVERHEAD = { onnx: 2.3, tfjs: 1 } as const;

const bytesOf = ({ shape, dtype }: TensorType): number => sizeOf(shape) * WIDTHS[dtype];

/**
 * The most bytes that values of a program take at one time when it runs in its own order and each is let go after its last use; inputs and outputs
 * stay. A reshaped value is the same memory. Engines that fuse operations need less, those that copy for speed need more.
 * @throws {LascauxError} when an axis is symbolic
 */
export function peakBytes(program: Program): number {
  const roots = new Map<number, number>();
  const rootOf = (id: number): number => roots.get(id) ?? id;
  const lastUse = new Map<number, number>();
  program.operations.forEach((operation, i) => {
    if (sharesMemory(operation)) roots.set(operation.output, rootOf(operation.inputs[0]!));
    for (const id of [...operation.inputs, operation.output]) lastUse.set(rootOf(id), i);
  });
  const kept = new Set([...program.inputs, ...program.outputs].map(({ id }) => rootOf(id)));
  const size = (id: number): number => bytesOf(program.types.get(id)!);
  let live = program.inputs.reduce((sum, { id }) => sum + size(id), 0);
  let peak = live;
  program.operations.forEach((operation, i) => {
    if (rootOf(operation.output) === operation.output) live += size(operation.output);
    peak = Math.max(peak, live);
    const done = new Set([...operation.inputs, operation.output].map(rootOf));
    for (const id of done) if (!kept.has(id) && lastUse.get(id) === i) live -= size(id);
  });
  return peak;
}

const sharesMemory = ({ primitive }: Operation): boolean => primitive === 'reshape';

/** Memory of this machine in bytes, or less where the process is allowed less. */
export function machineBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/**
 * Checks, before anything is compiled, that a step's batch fits into memory, on the CPU: what other devices have is not known here.
 * Why: docs/decisions/0117.
 * @param accumulation shares of the batch that are taken one after another
 * @param memory bytes there are; default {@link machineBytes}
 * @throws {LascauxError} (usage) with the estimate, the memory, and about the largest batch that fits
 */
export function checkStepMemory(
  step: TrainingStep,
  {
    engine,
    memory = machineBytes(),
    accumulation = 1,
  }: { engine: Pick<Engine, 'name' | 'device'>; memory?: number; accumulation?: number },
): void {
  if (engine.device !== 'cpu') return;
  const names = new Set(Object.keys(step.batch));
  // The state is there twice: one is read while the other is written.
  const fixed = step.program.inputs.reduce((sum, input) => sum + (names.has(input.name) ? 0 : 2 * bytesOf(input)), 0);
  const needed = fixed + (OVERHEAD[engine.name] * Math.max(0, peakBytes(step.program) - fixed)) / accumulation;
  if (needed <= memory) return;
  const images = Number(Object.values(step.batch)[0]?.shape[0] ?? 1);
  const largest = Math.floor((images * (memory - fixed)) / (needed - fixed));
  check(false, {
    option: 'batchSize',
    rule: `a step needs about ${gibibytes(needed)}, and there are ${gibibytes(memory)} of memory`,
    value: images,
    accepted: largest >= 1 ? `at most about ${largest}` : 'a smaller network or size',
    kind: 'usage',
  });
}

const gibibytes = (bytes: number): string => {
  const amount = bytes / GIBIBYTE;
  return `${amount < 100 ? amount.toPrecision(3) : Math.round(amount)} GiB`;
};
