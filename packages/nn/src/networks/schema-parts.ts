import { z } from 'zod';
import { activationNames } from '../layers/index.js';

/** A size: a whole number of at least 1; the largest vocabularies have a quarter of a million entries. */
export const size = z
  .int()
  .positive()
  .max(2 ** 20);
/** A number of layers. Each is traced on its own, so that a millionfold one would never end. */
export const layerCount = z.int().positive().max(1024);
/** An activation by its name in configs. */
export const activationSchema = z.enum(activationNames);
/** One value for all blocks, or one for each. */
export const perBlock = z.union([size, z.array(size).min(1)]);
/** Layers of all blocks, or of each. */
export const layersPerBlock = z.union([layerCount, z.array(layerCount).min(1)]);
/** Height and width of images or latents: one number for both, or [height, width]. */
export const sampleSize = z.union([size, z.array(size).length(2)]);

/**
 * A switch of the reference that our networks have in one position only. The key may be there with that value, or absent.
 * @param value the supported one
 */
export const only = <Value extends string | number | boolean | null>(value: Value) =>
  z.literal(value).default(value as never);

/** The value for block `index` of a `perBlock`. */
export const ofBlock = (values: number | readonly number[], index: number): number =>
  typeof values === 'number' ? values : (values[index] as number);

/** Whether the channels of every block are multiples of `norm_num_groups`. */
export const groupsDivide = (config: {
  readonly norm_num_groups: number;
  readonly block_out_channels: readonly number[];
}): boolean => config.block_out_channels.every((channels) => channels % config.norm_num_groups === 0);

/** Whether a `perBlock` fits the number of blocks. */
export const fitsBlocks = (values: number | readonly number[], blocks: number): boolean =>
  typeof values === 'number' || values.length === blocks;
