import { basename, isAbsolute, join } from 'node:path';
import { LascauxError, sizeOf, type SafetensorsSource, type TensorFacts } from '@lascaux/nn';
import { componentKind, type ComponentGraph, type ComponentKind, type PipelineFacts } from './component-kinds.js';
import { classOf, readConfig, type ConfigFile } from './config-file.js';
import { castWeight, keptType, type WeightType } from './element-type.js';
import { openWeights, type WeightSource } from './find-weights.js';
import { matchWeights, type MatchedWeight } from './match-weights.js';
import { openTinyFiles } from './tiny-files.js';
import { writeFolders } from './write-folders.js';

/** How weights are chosen and stored. */
export interface WeightOptions {
  /** Element type of the result; default: that of each checkpoint. */
  readonly dtype?: WeightType;
  /** Such as `fp16`, of `model.fp16.safetensors`. */
  readonly variant?: string;
}

/** A component that was read and checked, and can be written. */
export interface PlannedComponent {
  readonly name: string;
  readonly className: string;
  readonly dtype: WeightType;
  readonly parameters: number;
  /** Names of the folders it becomes. */
  readonly folders: readonly string[];
  /** Writes the component's folders, whose paths begin with `base`; `onTensor` is told the bytes of each tensor in turn. */
  readonly write: (base: string, onTensor: (bytes: number) => void) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A component to be converted. */
interface ComponentSource extends WeightOptions {
  /** Its folder, with `config.json` and weights. */
  readonly folder: string;
  /** Its name in the pipeline, such as `unet`; default: `vae` for an autoencoder, else that of the folder. */
  readonly name?: string;
  /** The class that `model_index.json` gives it; default: the one in its own config. */
  readonly className?: string;
  readonly pipeline?: PipelineFacts;
}

const bytesOf: Readonly<Record<WeightType, number>> = { F32: 4, F16: 2 };

/** Names the file in an error about what it says. */
async function about<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof LascauxError) || isAbsolute(cause.operation)) throw cause;
    const { operation, rule, value, accepted } = cause;
    throw new LascauxError({ operation: path, rule: `${operation}: ${rule}`, value, accepted, cause });
  }
}

function lazyTensors(
  operation: string,
  {
    matched,
    source,
    dtype,
    onTensor,
  }: { matched: readonly MatchedWeight[]; source: WeightSource; dtype: WeightType; onTensor: (bytes: number) => void },
): Readonly<Record<string, SafetensorsSource>> {
  const tensor = ({ parameter: { name, shape }, source: from }: MatchedWeight) => [
    name,
    {
      dtype,
      shape,
      data: async () => {
        const data = castWeight(await source.read(from), dtype, `${operation}: tensor ${from}`);
        onTensor(data.byteLength);
        return data;
      },
    },
  ];
  return Object.fromEntries(matched.map(tensor)) as Readonly<Record<string, SafetensorsSource>>;
}

/** A network whose weights are to be found. */
interface PlanOptions {
  /** Names the checkpoint in errors. */
  readonly operation: string;
  readonly name: string;
  readonly className: string;
  readonly kind: ComponentKind;
  readonly config: ConfigFile;
  readonly graphs: readonly ComponentGraph[];
  readonly dtype: WeightType | undefined;
}

function planned(options: PlanOptions, source: WeightSource): PlannedComponent {
  const { operation, name, className, kind, config, graphs } = options;
  const matched = matchWeights({
    operation,
    programs: graphs.map(({ program }) => program),
    entries: source.entries,
    ignored: kind.ignored,
  });
  const dtype = options.dtype ?? keptType(matched.map((match) => source.entries.get(match.source) as TensorFacts));
  return {
    name,
    className,
    dtype,
    parameters: matched.reduce((sum, { parameter }) => sum + sizeOf(parameter.shape), 0),
    folders: graphs.map(({ suffix }) => name + suffix),
    write: (base, onTensor) =>
      writeFolders(base, {
        weightsFile: kind.weightsFile,
        config,
        graphs,
        tensors: lazyTensors(operation, { matched, source, dtype, onTensor }),
      }),
    close: () => source.close(),
  };
}

/** A plan that closes its weights when it fails. */
async function plannedOrClosed(options: PlanOptions, source: WeightSource): Promise<PlannedComponent> {
  try {
    return planned(options, source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** A network of a checkpoint whose tensors were given diffusers' or transformers' names. */
interface NamedNetwork extends Pick<WeightOptions, 'dtype'> {
  /** Names the checkpoint in errors. */
  readonly operation: string;
  readonly name: string;
  readonly className: string;
  readonly config: ConfigFile;
  readonly source: WeightSource;
  readonly pipeline: PipelineFacts;
}

/**
 * The same for a network whose config and tensors lie elsewhere than in a folder of its own.
 * @throws {LascauxError} as {@link planComponent}
 */
export async function planNetwork(network: NamedNetwork): Promise<PlannedComponent> {
  const { operation, name, className, config, source, dtype, pipeline } = network;
  const label = `${operation}: ${name}`;
  const kind = componentKind(className, config.json, label);
  const graphs = await about(label, () => kind.graphs(config.json, pipeline));
  return plannedOrClosed({ operation: label, name, className, kind, config, graphs, dtype }, source);
}

const AUTOENCODER = 'vae';

/**
 * Reads a component's config, builds its network and finds all weights; nothing is written and no numbers are read yet. Close it in the end.
 * @throws {LascauxError} naming the folder or file that does not fit, or what our network does not support
 */
export async function planComponent(component: ComponentSource): Promise<PlannedComponent> {
  const { folder, variant, dtype, pipeline = {} } = component;
  const configPath = join(folder, 'config.json');
  const config = await readConfig(configPath);
  const className = component.className ?? classOf(config.json, configPath);
  const kind = componentKind(className, config.json, folder);
  const graphs = await about(configPath, () => kind.graphs(config.json, pipeline));
  const name = component.name ?? (graphs.some(({ suffix }) => suffix !== '') ? AUTOENCODER : basename(folder));
  const source = await openWeights(folder, variant);
  return plannedOrClosed({ operation: folder, name, className, kind, config, graphs, dtype }, source);
}

/**
 * The same for the files of a tiny autoencoder, which have no config; of a half that is not there no graph is made.
 * @throws {LascauxError} as {@link planComponent}
 */
export async function planTinyFiles(
  paths: readonly string[],
  { dtype }: Pick<WeightOptions, 'dtype'>,
): Promise<PlannedComponent> {
  const operation = paths[0] as string;
  const { config: json, source } = await openTinyFiles(paths);
  const className = String(json._class_name);
  const kind = componentKind(className, json, operation);
  const has = (part: string): boolean =>
    [...source.entries.keys()].some((name) => name.startsWith(`${part.slice(1)}.`));
  const graphs = kind.graphs(json, {}).filter(({ suffix }) => has(suffix));
  const config = { json, text: `${JSON.stringify(json, null, 2)}\n` };
  return plannedOrClosed({ operation, name: AUTOENCODER, className, kind, config, graphs, dtype }, source);
}

/** The bytes of a planned component's weights. */
export const plannedBytes = ({ parameters, dtype }: PlannedComponent): number => parameters * bytesOf[dtype];
