import { trace, type Engine } from '@lascaux/nn';
import { autoencoder } from '@lascaux/vae/train';
import { LATENT_CHANNELS, LATENT_SIDE } from './latent-store.js';
import { painterVaeConfig } from './networks.js';

/** The VAE's decoder for batches of one size. */
export interface Decoder {
  /** Latents as they are, not scaled, [batch, C, 8, 8] → images [batch, 3, 256, 256] in about [−1, 1]. */
  readonly decode: (latents: Float32Array) => Promise<Float32Array>;
  readonly dispose: () => Promise<void>;
}

/** Opens the decoder of a VAE whose weights are given by name. */
export async function openDecoder(
  engine: Engine,
  weights: ReadonlyMap<string, Float32Array>,
  batch: number,
): Promise<Decoder> {
  const shape = [batch, LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE];
  const program = trace({ latent: { shape } }, (scope, { latent }) => ({
    image: autoencoder(painterVaeConfig).decode(scope, latent),
  }));
  const executable = await engine.compile(program);
  const parameters = Object.fromEntries(
    program.inputs.flatMap(({ name, parameter }) =>
      parameter === undefined ? [] : [[name, engine.upload(weights.get(parameter.name)!, parameter.shape)]],
    ),
  );
  return {
    decode: async (latents) => {
      const latent = engine.upload(latents, shape);
      const { image } = await executable.run({ ...parameters, latent });
      const pixels = Float32Array.from((await image!.read()) as Float32Array);
      image!.dispose();
      latent.dispose();
      return pixels;
    },
    dispose: async () => {
      for (const tensor of Object.values(parameters)) tensor.dispose();
      await executable.dispose();
    },
  };
}
