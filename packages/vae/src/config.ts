import { check, parseJson } from '@lascaux/nn';

/** What encoding and decoding need to know of an AutoencoderKL, AutoencoderTiny or AutoencoderDC (the keys of diffusers' `config.json`). */
export interface VaeConfig {
  readonly latentChannels: number;
  /** Pixels per latent cell and side: 2^(number of resolutions − 1). */
  readonly spatialFactor: number;
  readonly scaling: LatentScaling;
  /** Whether images are encoded to one latent, without a posterior: AutoencoderTiny (taesd and its kin), AutoencoderDC without log variances. */
  readonly isDeterministic?: boolean;
  /** As `_class_name` says; undefined where the file has none. */
  readonly className?: string;
}

/**
 * How a raw latent of the encoder becomes the scaled latent that the denoiser sees:
 * scaled = scalingFactor · (raw − shiftFactor), or scalingFactor · (raw − mean) / deviation per channel where measured.
 */
export interface LatentScaling {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  /** Per channel; both or neither. */
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
}

/** Classes whose latents are the scaled ones where their config does not say otherwise. */
const TINY = 'AutoencoderTiny';
const DC = 'AutoencoderDC';
const UNIT_SCALING_FACTOR = 1;
/** Stable Diffusion 1's values, which exports without a configuration file rely on. */
const DEFAULT_SCALING_FACTOR = 0.18215;
const DEFAULT_LATENT_CHANNELS = 4;
const DEFAULT_RESOLUTIONS = 4;

/**
 * Reads a parsed `config.json`; missing keys take Stable Diffusion 1's values (the class's own for an AutoencoderTiny or AutoencoderDC), null counts as missing.
 * @param path names the file in errors
 * @throws LascauxError when a key has a wrong type or value.
 */
export function parseVaeConfig(json: unknown, path = 'vae config'): VaeConfig {
  check(typeof json === 'object' && json !== null && !Array.isArray(json), {
    operation: path,
    rule: 'must be a JSON object',
    value: Array.isArray(json) ? 'a list' : String(json),
  });
  const read = (key: string): unknown => (json as Record<string, unknown>)[key] ?? undefined;
  const channels = positive(read('latent_channels') ?? DEFAULT_LATENT_CHANNELS, `${path}: latent_channels`);
  const mean = channelValues(read('latents_mean'), channels, `${path}: latents_mean`);
  const deviation = channelValues(read('latents_std'), channels, `${path}: latents_std`);
  const className = read('_class_name');
  const isDeterministic = className === TINY || (className === DC && read('has_log_variance') !== true);
  const isUnit = className === TINY || className === DC;
  const blocks = (isUnit ? read('decoder_block_out_channels') : undefined) ?? read('block_out_channels');
  const usualFactor = isUnit ? UNIT_SCALING_FACTOR : DEFAULT_SCALING_FACTOR;
  return {
    latentChannels: channels,
    spatialFactor: 2 ** ((Array.isArray(blocks) ? blocks.length : DEFAULT_RESOLUTIONS) - 1),
    scaling: {
      scalingFactor: positive(read('scaling_factor') ?? usualFactor, `${path}: scaling_factor`),
      shiftFactor: finite(read('shift_factor') ?? 0, `${path}: shift_factor`),
      ...(mean === undefined || deviation === undefined ? {} : { mean, deviation }),
    },
    ...(isDeterministic ? { isDeterministic, className } : {}),
  };
}

/** The configuration in the text of a `config.json`; Stable Diffusion 1's where there is none (the first exports had none). @throws LascauxError as {@link parseVaeConfig} */
export const vaeConfigOfText = (text: string | undefined, path: string): VaeConfig =>
  parseVaeConfig(text === undefined ? {} : parseJson(text, { name: path }), path);

function finite(value: unknown, operation: string): number {
  check(typeof value === 'number' && Number.isFinite(value), { operation, rule: 'must be a number', value });
  return value;
}

function positive(value: unknown, operation: string): number {
  const number = finite(value, operation);
  check(number > 0, { operation, rule: 'must be greater than 0', value });
  return number;
}

function channelValues(value: unknown, channels: number, operation: string): readonly number[] | undefined {
  if (value === undefined) return undefined;
  check(Array.isArray(value) && value.length === channels, {
    operation,
    rule: `must have ${channels} values, one a latent channel`,
    value: Array.isArray(value) ? `${value.length} values` : typeof value,
  });
  return value.map((item) => finite(item, operation));
}
