import type { LeftOut } from '@lascaux/data';
import type { FeatureMatrix, RgbPicture } from '../index.js';

/** One number of an evaluation. */
export interface EvaluationValue {
  /** Its key: `fid`, `precision`, `bitsPerDimension` … */
  readonly name: string;
  /** What people call it: "FID-768", "precision (k = 3)". */
  readonly label: string;
  readonly value: number;
  /** Standard deviation over subsets, splits or pictures, where there are such. */
  readonly deviation?: number;
  readonly unit?: string;
  readonly better: 'lower' | 'higher' | 'neither';
}

/** A picture that could not be read, and why. */
export interface SkippedPicture {
  readonly name: string;
  readonly reason: string;
}

/** What a set was read from. */
export type SetKind = 'folder' | 'webdataset' | 'sprites' | 'statistics' | 'features' | 'images';

/** One side of an evaluation. What a report needs beyond the numbers is there only where the metric had it in hand. */
export interface EvaluatedSet {
  /** Its path as it was given; of a set in memory the option's name: `generated`, `real`, `images`. */
  readonly path: string;
  readonly kind: SetKind;
  /** Pictures that count; undefined for statistics that do not say. */
  readonly count?: number;
  readonly skipped: readonly SkippedPicture[];
  /** What lay beside the pictures and was not read. */
  readonly leftOut?: readonly LeftOut[];
  /** One row a picture, in the order of `names`. Only kept when asked for (`keepFeatures`) or when the metric needs it. */
  readonly features?: FeatureMatrix;
  /** Names of the pictures that count. */
  readonly names?: readonly string[];
  /** Decodes one of them at full size. */
  readonly picture?: (index: number) => Promise<RgbPicture>;
}

/** The network whose features were compared. */
export interface ExtractorFacts {
  /** "inception-2048-pytorch-fid", "clip-lascaux-mini" … */
  readonly name: string;
  readonly dimensions: number;
  /** Resize and normalisation, in words. */
  readonly convention: string;
  /** The weights' file. */
  readonly weights: string;
  /** Why its figures do not compare with published ones; undefined when they do. */
  readonly incomparable?: string;
}

/** A curve for the report: points (x, y) with a name. */
export interface EvaluationCurve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What every evaluation ends with; the input of a report page. */
export interface EvaluationResult {
  /** `fid`, `kid`, `nll` … */
  readonly metric: string;
  readonly values: readonly EvaluationValue[];
  /** A (generated) first, then B (real) where there is one. */
  readonly sets: readonly EvaluatedSet[];
  readonly extractor?: ExtractorFacts;
  /** Options that the numbers depend on, resolved: subsets, splits, seed, k … */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly curves?: readonly EvaluationCurve[];
  /** Remarks for people, one line each. */
  readonly notes: readonly string[];
}

/** A result with its numbers as fields of their own: `fid`, `precision` … */
export type ResultOf<Name extends string> = EvaluationResult & Readonly<Record<Name, number>>;

/** Sets the numbers beside the rest. */
export const withNumbers = <Name extends string>(result: EvaluationResult): ResultOf<Name> => ({
  ...result,
  ...(Object.fromEntries(result.values.map(({ name, value }) => [name, value])) as Record<Name, number>),
});
