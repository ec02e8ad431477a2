import type { SingleFileOptions } from '../single-file/plan-single-file.js';
import { plannedBytes, type PlannedComponent } from './convert-component.js';

/** What `convertModel` reports while it writes. */
export interface ConvertProgress {
  /** The component that is being written. */
  readonly component: string;
  /** Bytes of weights written so far, of all components. */
  readonly done: number;
  readonly total: number;
}

/** What is converted, where to, and how. */
export interface ConvertOptions extends SingleFileOptions {
  /**
   * A checkpoint in diffusers' layout (`model_index.json` and a folder for each component), the folder of one component, a whole model in one
   * file as sharing sites have them, or the weights of a tiny autoencoder as its author publishes them: one file of a pair, or their folder.
   */
  readonly model: string;
  /** The folder to make; it must not exist. */
  readonly out: string;
  readonly onProgress?: (progress: ConvertProgress) => void;
  /** Told the family of a checkpoint in one file before it is written. */
  readonly onFamily?: (family: string) => void;
  readonly signal?: AbortSignal;
}

/** A component as it was converted. */
export interface ConvertedComponent {
  readonly className: string;
  readonly dtype: string;
  readonly parameters: number;
  /** Folders with a graph, in the new model. */
  readonly folders: readonly string[];
}

/** What `convertModel` made. */
export interface ConvertResult {
  /** Absolute path of the new folder. */
  readonly out: string;
  readonly components: Readonly<Record<string, ConvertedComponent>>;
  /** Family of a checkpoint in one file, with what it predicts, for people; undefined for others, which say it themselves. */
  readonly family?: string;
  /** Components of the checkpoint that are not part of the new model. */
  readonly left: readonly string[];
}

/** Counts the bytes of several components on their way. */
export function progressOf(planned: readonly PlannedComponent[], { onProgress, signal }: ConvertOptions) {
  const total = planned.reduce((sum, component) => sum + plannedBytes(component), 0);
  let done = 0;
  return ({ name: component }: PlannedComponent) =>
    (bytes: number): void => {
      signal?.throwIfAborted();
      done += bytes;
      onProgress?.({ component, done, total });
    };
}

/** What is said of a component. */
export const componentFacts = ({ className, dtype, parameters, folders }: PlannedComponent): ConvertedComponent => ({
  className,
  dtype,
  parameters,
  folders,
});
