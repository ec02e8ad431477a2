import type { FeatureOptions } from '@lascaux/evaluator/evaluate';

/** The flags of `lascaux evaluate METRIC`, checked one by one; those that a metric does not offer stay undefined. */
export interface EvaluateFlags {
  readonly features: 'inception' | 'clip';
  readonly weights?: string;
  readonly dims?: FeatureOptions['dimensions'];
  readonly convention: FeatureOptions['convention'];
  /** Model folder or hub id of `--features clip` and of the CLIP metrics. */
  readonly model?: string;
  /** For a model of the hub: the cache alone. */
  readonly offline?: true;
  readonly device: string;
  readonly threads?: number;
  readonly batchSize: number;
  /** Folder of cached features; false: none; undefined: the user's cache folder. */
  readonly cache?: string | false;
  readonly min?: number;
  readonly skipBad: boolean;
  readonly alpha: 'ignore' | 'white';
  readonly sprites: boolean;
  readonly split?: string;
  readonly save?: string;
  readonly json: boolean;
  /** Report page to write. */
  readonly report?: string;
  readonly subsets?: number;
  readonly subsetSize?: number;
  readonly splits?: number;
  readonly k?: number;
  readonly seed?: number;
  readonly captionColumn?: string;
  readonly classifier?: string;
  readonly classes?: string;
  readonly labelColumn?: string;
  /** Of each channel in [0, 1], as the classifier was trained. */
  readonly mean?: readonly [number, number, number];
  readonly deviation?: readonly [number, number, number];
}
