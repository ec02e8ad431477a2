import { LascauxError, limits, type SafetensorsFile } from '@lascaux/nn';
import { openWeightsFile, type WeightSource } from '../convert/find-weights.js';

/** A file of weights, and what its header says besides. */
export interface OpenCheckpoint {
  readonly path: string;
  readonly source: WeightSource;
  /** Of a safetensors file; empty for others. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Copies that a trainer keeps of running averages, and what a trainer's state holds besides weights. */
const NOT_A_MODEL = /^(model_ema|optimizer|lr_scheduler)\./;

/** Where a trainer's own file has the weights. */
const STATE = 'state_dict.';

/** Opens a checkpoint in one file. @throws {LascauxError} when it is damaged */
export async function openCheckpoint(path: string): Promise<OpenCheckpoint> {
  const file = await openWeightsFile(path);
  const metadata = 'metadata' in file ? (file as SafetensorsFile).metadata : {};
  const prefix = [...file.entries.keys()].some((name) => name.startsWith(STATE)) ? STATE : '';
  const inside = [...file.entries].filter(([name]) => name.startsWith(prefix));
  const named = inside.map(([name, facts]) => [name.slice(prefix.length), facts] as const);
  const entries = new Map(named.filter(([name]) => !NOT_A_MODEL.test(name)));
  if (entries.size > limits.checkpointTensors) {
    await file.close();
    throw new LascauxError({
      operation: path,
      rule: `a model in one file may hold ${limits.checkpointTensors} tensors`,
      value: entries.size,
    });
  }
  return { path, metadata, source: { entries, read: (name) => file.read(prefix + name), close: () => file.close() } };
}
