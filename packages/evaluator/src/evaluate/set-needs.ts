import type { FeatureMatrix, FeatureMoments } from '../index.js';
import type { EvaluatedSet } from './evaluation-result.js';
import type { PictureCollection } from './picture-collection.js';

/** A set with its features, or with only their mean and covariance. */
export interface ReadSet extends EvaluatedSet {
  readonly features?: FeatureMatrix;
  readonly moments?: FeatureMoments;
  /** Indices of the pictures that count, where there are pictures. */
  readonly indices?: readonly number[];
  readonly collection?: PictureCollection;
}

/** What a metric needs of its sets. */
export interface SetNeeds {
  /** `moments` keeps memory flat; `features` holds a row for each picture. */
  readonly wanted: 'moments' | 'features';
  /** Fewest pictures, why, and the option that changes it. */
  readonly minimum: number;
  readonly reason: string;
  readonly option?: string;
  /** Whether captions count, so that it is said where they come from. */
  readonly captions?: boolean;
  /** Metadata column that holds them. */
  readonly captionColumn?: string;
}
