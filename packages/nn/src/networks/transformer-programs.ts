import type { Program } from '../program/program.js';
import type { InputTypes } from '../program/scope.js';
import { trace } from '../program/scope.js';
import type { Dim } from '../program/shape.js';
import { dit } from './dit.js';
import { pixArt } from './pixart.js';
import type { DiTConfig, PixArtConfig } from './transformer-config.js';
import { takesImageSize } from './transformer-config.js';

/** Sizes of a transformer's axes; height and width are of the latent. */
export interface DiTAxes {
  readonly batch: Dim;
  readonly height: number;
  readonly width: number;
  /** 0 (the default): one timestep for all; 1: one for each. */
  readonly timestepRank?: 0 | 1;
}

/** Sizes of a PixArt's axes. */
export interface PixArtAxes extends DiTAxes {
  readonly tokens: Dim;
  /** Whether there is an input `encoder_attention_mask`; default false. */
  readonly masked?: boolean;
}

type Types<Name extends string> = Readonly<Record<Name, InputTypes[string]>>;

const common = (
  channels: number,
  { batch, height, width, timestepRank = 0 }: DiTAxes,
): Types<'sample' | 'timestep'> => ({
  sample: { shape: [batch, channels, height, width] },
  timestep: { shape: timestepRank === 0 ? [] : [batch] },
});

/** Inputs of a DiT: `sample`, `timestep`, `class_labels`; the output is `out_sample`. No export of it exists elsewhere: the names are the UNet's. */
export const ditInputTypes = (config: DiTConfig, axes: DiTAxes): Types<'sample' | 'timestep' | 'class_labels'> => ({
  ...common(config.in_channels, axes),
  class_labels: { shape: [axes.batch], dtype: 'int64' },
});

type PixArtExtraName = 'encoder_attention_mask' | 'resolution' | 'aspect_ratio';

/** Inputs of a PixArt, named like a UNet's; the output is `out_sample`. */
export const pixArtInputTypes = (
  config: PixArtConfig,
  { tokens, masked = false, ...axes }: PixArtAxes,
): Types<'sample' | 'timestep' | 'encoder_hidden_states'> & Partial<Types<PixArtExtraName>> => ({
  ...common(config.in_channels, axes),
  encoder_hidden_states: { shape: [axes.batch, tokens, config.caption_channels ?? config.cross_attention_dim] },
  ...(masked ? { encoder_attention_mask: { shape: [axes.batch, tokens], dtype: 'int64' } } : {}),
  ...(takesImageSize(config)
    ? { resolution: { shape: [axes.batch, 2] }, aspect_ratio: { shape: [axes.batch, 1] } }
    : {}),
});

/** A DiT as a program with the inputs of `ditInputTypes` and the output `out_sample`. */
export const ditProgram = (config: DiTConfig, axes: DiTAxes): Program =>
  trace(ditInputTypes(config, axes), (scope, inputs) => ({ out_sample: dit(scope, config, inputs) }));

/** A PixArt as a program with the inputs of `pixArtInputTypes` and the output `out_sample`. */
export const pixArtProgram = (config: PixArtConfig, axes: PixArtAxes): Program =>
  trace(pixArtInputTypes(config, axes), (scope, inputs) => ({ out_sample: pixArt(scope, config, inputs) }));
