import { check } from '@lascaux/nn';
import type { LatentScaling } from './config.js';

/** Raw latent [C, h, w] of the encoder → the scaled latent that the denoiser sees (about unit deviation). */
export function scaleLatent(raw: Float32Array, channels: number, scaling: LatentScaling): Float32Array {
  return affine(raw, channelTerms(channels, scaling, 'scaled'));
}

/** Scaled latent [C, h, w] → the raw latent that the decoder takes; the inverse of {@link scaleLatent}. */
export function unscaleLatent(scaled: Float32Array, channels: number, scaling: LatentScaling): Float32Array {
  return affine(scaled, channelTerms(channels, scaling, 'raw'));
}

interface Term {
  readonly factor: number;
  readonly offset: number;
}

/** The line of each channel: scaled = (raw − shift) · k, raw = scaled / k + shift, k = scalingFactor / deviation. */
function channelTerms(channels: number, scaling: LatentScaling, to: 'scaled' | 'raw'): Term[] {
  const { scalingFactor, shiftFactor, mean, deviation } = scaling;
  return Array.from({ length: channels }, (_, c) => {
    const k = scalingFactor / (deviation?.[c] ?? 1);
    const shift = mean?.[c] ?? shiftFactor;
    return to === 'scaled' ? { factor: k, offset: -shift * k } : { factor: 1 / k, offset: shift };
  });
}

function affine(latent: Float32Array, terms: readonly Term[]): Float32Array {
  const cells = latent.length / terms.length;
  check(Number.isInteger(cells), {
    operation: 'latent scaling',
    rule: `a latent must have ${terms.length} channels of equal size`,
    value: `${latent.length} values`,
  });
  const out = new Float32Array(latent.length);
  terms.forEach(({ factor, offset }, channel) => {
    for (let i = channel * cells; i < (channel + 1) * cells; i++) out[i] = factor * (latent[i] as number) + offset;
  });
  return out;
}
