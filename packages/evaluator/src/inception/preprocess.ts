import { antialiasedBicubic, tensorflowBilinear, torchBilinear, type AxisFilterRule } from '../resize/axis-filter.js';
import { resizePicture, type RgbPicture } from '../resize/resize.js';

/** Side of the network's input in pixels. */
export const INCEPTION_SIZE = 299;

/** Whose numbers are wanted: each tool resizes and normalises in its own way, and FID is not comparable across them. */
export type FidConvention = 'pytorch-fid' | 'clean-fid' | 'torch-fidelity';

interface Preprocessing {
  readonly filter: AxisFilterRule;
  /** From 0…255 to what the network takes. */
  readonly normalise: (value: number) => number;
}

const preprocessings: Record<FidConvention, Preprocessing> = {
  'pytorch-fid': { filter: torchBilinear, normalise: (value) => value / 127.5 - 1 },
  'clean-fid': { filter: antialiasedBicubic, normalise: (value) => (Math.min(Math.max(value, 0), 255) - 128) / 128 },
  'torch-fidelity': { filter: tensorflowBilinear, normalise: (value) => (value - 128) / 128 },
};

/** The conventions by name. */
export const fidConventions = Object.keys(preprocessings) as readonly FidConvention[];

/**
 * A picture as the FID Inception network takes it under a convention: planes [3][299][299]. `torch-fidelity` is also what
 * the original TensorFlow code does.
 */
export function preprocessForInception(picture: RgbPicture, convention: FidConvention): Float32Array {
  const { filter, normalise } = preprocessings[convention];
  const planes = resizePicture(picture, { height: INCEPTION_SIZE, width: INCEPTION_SIZE }, filter);
  for (let i = 0; i < planes.length; i++) planes[i] = normalise(planes[i] ?? 0);
  return planes;
}
