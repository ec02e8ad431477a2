import type { Tensor } from '@tensorflow/tfjs-core';
import type { PrimitiveAttributes, PrimitiveName } from '../program/primitives.js';
import type { Tfjs } from './backends.js';

/** One call of a primitive, as an emission gets it. */
export interface Call<Name extends PrimitiveName> {
  /** The first operand; must not be read where there is none. */
  readonly x: Tensor;
  /** The second operand. */
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
  readonly attributes: PrimitiveAttributes[Name];
  /** The shape of the result as the program writes it, channels first. */
  readonly shape: readonly number[];
}

/** Runs one primitive and returns a tensor of its own: never an operand itself, which is freed after its last use. */
export type Emission<Name extends PrimitiveName> = (tf: Tfjs, call: Call<Name>) => Tensor;

/** Sizes of a tensor with four axes. */
export type FourSizes = readonly [number, number, number, number];

export const fourSizes = (shape: readonly number[]): FourSizes => shape as FourSizes;
