import { type AlphaBarConfig, alphaBars } from '../schedule/alpha-bars.js';

/** ᾱ_t for the samplers that work in sigma: with zero terminal SNR the last one is 2⁻²⁴, so that its sigma is finite (diffusers). */
export function finiteAlphaBars(config: AlphaBarConfig): Float64Array {
  const table = alphaBars(config);
  if (config.rescale_betas_zero_snr) table[table.length - 1] = 2 ** -24;
  return table;
}
