import { bitsPerDimension } from '../../index.js';

/** A mean over pictures, in the three units; errors are standard errors of the mean over pictures. */
export interface NllTerm {
  /** Nats a picture. */
  readonly nats: number;
  readonly natsError: number;
  readonly natsPerDimension: number;
  readonly bitsPerDimension: number;
  readonly bitsPerDimensionError: number;
}

/** Averages nats of single pictures of so many values each; the error of one picture is NaN. */
export function nllTerm(nats: readonly number[], dimensions: number): NllTerm {
  const { mean, error } = meanAndError(nats);
  return {
    nats: mean,
    natsError: error,
    natsPerDimension: mean / dimensions,
    bitsPerDimension: bitsPerDimension(mean, dimensions),
    bitsPerDimensionError: bitsPerDimension(error, dimensions),
  };
}

/** Mean and its standard error, s/√n with s² over n − 1. */
export function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}
