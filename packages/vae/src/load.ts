import { join } from 'node:path';
import { limits, readTextFile } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/session';
import { vaeConfigOfText, type VaeConfig } from './config.js';
import { vaeDecoderFromSession, type VaeDecoder } from './decoder.js';
import { vaeEncoderFromSession, type VaeEncoder } from './encoder.js';

/**
 * The configuration beside a `model.onnx`; Stable Diffusion 1's where the folder has none (the first exports did not).
 * @throws LascauxError when the file is not JSON or has wrong values.
 */
export async function readVaeConfig(folder: string): Promise<VaeConfig> {
  const path = join(folder, 'config.json');
  return vaeConfigOfText(await readTextFile(path, limits.configBytes), path);
}

/** Options of loading one half of the autoencoder. */
export interface LoadVaeOptions {
  /** Execution provider of ONNX Runtime. Default `cpu`. */
  readonly device?: string;
}

/**
 * Loads `vae_decoder/` of a model folder: `model.onnx` and, where there is one, `config.json`.
 * @throws LascauxError naming the file that is missing, truncated or wrong.
 */
export async function loadVaeDecoder(folder: string, { device = 'cpu' }: LoadVaeOptions = {}): Promise<VaeDecoder> {
  const config = await readVaeConfig(folder);
  const session = await openSession(join(folder, 'model.onnx'), { device });
  return vaeDecoderFromSession(session, { config, name: folder });
}

/**
 * Loads `vae_encoder/` of a model folder: `model.onnx` and, where there is one, `config.json`.
 * @param options.config the decoder's configuration, which other readers let win over the encoder's copy
 * @throws LascauxError naming the file that is missing, truncated or wrong.
 */
export async function loadVaeEncoder(
  folder: string,
  { device = 'cpu', config: given }: LoadVaeOptions & { readonly config?: VaeConfig } = {},
): Promise<VaeEncoder> {
  const config = given ?? (await readVaeConfig(folder));
  const session = await openSession(join(folder, 'model.onnx'), { device });
  return vaeEncoderFromSession(session, { config, name: folder });
}
