import type { JsonObject } from '../convert/component-kinds.js';
import type { Prediction } from './schedulers.js';
import type { TensorParts } from './tensor-part.js';

/** A network that a checkpoint holds. */
export interface HeldNetwork {
  readonly className: string;
  /** What its shapes tell. */
  readonly config: JsonObject;
  /** Its parameters under diffusers' or transformers' names, in the checkpoint's tensors. */
  readonly parts: TensorParts;
}

/** A checkpoint in one file, as its keys and shapes tell. */
export interface CheckpointFamily {
  /** For people, such as `SDXL`. */
  readonly name: string;
  /** diffusers' class of its pipeline. */
  readonly pipeline: string;
  /** Entries of `model_index.json` besides the components. */
  readonly settings: JsonObject;
  /** Networks by component; undefined for one that the pipeline needs and the file lacks. */
  readonly networks: Readonly<Record<string, HeldNetwork | undefined>>;
  /** Networks that the pipeline can do without. */
  readonly optional: readonly string[];
  /** Tokenizers by component, with the text encoder that each is for and the token that it pads with. */
  readonly tokenizers: Readonly<Record<string, { readonly of: string; readonly className: string; readonly pad?: string }>>;
  readonly scheduler: JsonObject;
  readonly prediction: Prediction | 'flow';
}

/** What the header of a safetensors file says (modelspec 1.0), and what the caller does. */
export interface CheckpointHints {
  readonly metadata: Readonly<Record<string, string>>;
  readonly prediction?: Prediction;
}
