import type { SamplerLabel } from '@lascaux/diffusion';

/** The settings a model paints with when the caller says nothing. */
export interface GenerateDefaults {
  readonly steps: number;
  readonly guidanceScale: number;
  /** A sampler's name; undefined for the one in the model's own scheduler configuration. */
  readonly sampler: SamplerLabel | undefined;
  readonly width: number;
  readonly height: number;
}
