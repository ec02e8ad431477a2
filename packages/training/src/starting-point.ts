import { basename } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import type { Position } from './batches.js';
import { readCheckpoint } from './checkpoint.js';
import { checkpointFiles, latestCheckpoint } from './checkpoint-pointers.js';
import type { HostState } from './device-state.js';
import { firstState } from './device-state.js';
import { initializeParameters } from './initialize.js';
import { rewindMetrics } from './metrics-log.js';
import type { RunFolder } from './run-folder.js';
import { removeLeftovers } from './run-folder.js';
import type { Sharing } from './split-step.js';
import type { TrainOptions } from './train-options.js';
import type { TrainingStep } from './training-step.js';

/** Where a run begins, and with what. */
export interface StartingPoint extends Position {
  readonly state: HostState;
  /** How the run that it goes on with shares its batches. */
  readonly sharing?: Sharing;
  /** The checkpoint it goes on from. */
  readonly path?: string;
}

/**
 * The last checkpoint of the folder where the run is to be resumed, else freshly drawn parameters. Clears away what a crash left.
 * @throws {LascauxError} when the folder holds a run that is not to be resumed, or one with another seed or optimiser
 */
export async function startingPoint(
  { step, seed, initial, replicas = 1, accumulation = 1, resume = false }: TrainOptions,
  folder: RunFolder,
): Promise<StartingPoint> {
  const path = await latestCheckpoint(folder);
  if (path === undefined) {
    await removeLeftovers(folder);
    await rewindMetrics(folder.metrics, 0);
    return { imagesSeen: 0, step: 0, state: firstState(step, firstParameters(step, seed, initial)) };
  }
  check(resume, {
    operation: 'train',
    rule: 'the folder already holds a run: resume it, or name another folder',
    value: folder.directory,
    kind: 'usage',
  });
  const checkpoint = await readCheckpoint(path, step).catch(async (cause: unknown) => {
    throw await withWayOut(cause, path, folder);
  });
  check(checkpoint.seed === seed, {
    operation: 'train',
    rule: `the run in ${folder.directory} has seed ${checkpoint.seed}`,
    value: seed,
    kind: 'usage',
  });
  const began = { replicas: checkpoint.replicas ?? 1, accumulation: checkpoint.accumulation ?? 1 };
  check((replicas === 'measured' || began.replicas === replicas) && began.accumulation === accumulation, {
    operation: 'train',
    rule: `the run in ${folder.directory} has ${began.replicas} replicas and accumulates ${began.accumulation} shares`,
    value: `${replicas} and ${accumulation}`,
    kind: 'usage',
  });
  await removeLeftovers(folder);
  await rewindMetrics(folder.metrics, checkpoint.imagesSeen);
  return { imagesSeen: checkpoint.imagesSeen, step: checkpoint.step, state: checkpoint.state, path, sharing: began };
}

/** Adds to the complaint about a damaged checkpoint what the run could go on from instead. */
async function withWayOut(cause: unknown, path: string, folder: RunFolder): Promise<unknown> {
  if (!(cause instanceof LascauxError) || cause.kind === 'usage') return cause;
  const older = (await checkpointFiles(folder)).filter((name) => name !== basename(path)).at(-1);
  const way = older === undefined ? 'to start again' : `to go on from ${older}`;
  const { operation, rule, value } = cause;
  return new LascauxError({ operation, rule: `${rule} (remove the file ${way})`, value, cause });
}

function firstParameters(
  step: TrainingStep,
  seed: number,
  initial: ReadonlyMap<string, Float32Array> = new Map(),
): ReadonlyMap<string, Float32Array> {
  const known = new Set(step.parameters.map(({ name }) => name));
  for (const name of initial.keys())
    if (!known.has(name))
      throw new LascauxError({
        operation: 'train',
        rule: 'initial names a parameter that the loss does not ask for',
        value: name,
      });
  const drawn = initializeParameters(
    step.parameters.filter(({ name }) => !initial.has(name)),
    seed,
  );
  return new Map([...drawn, ...initial]);
}
