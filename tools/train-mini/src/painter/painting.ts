import { parametersOf, randomStream, trace, type DeviceTensors, type Engine } from '@lascaux/nn';
import type { PainterScene } from '@lascaux/scenes';
import type { AppearanceCodes } from './appearance.js';
import { networkInputs, predictedLatent } from './denoiser-network.js';
import { LATENT_LENGTH } from './latent-store.js';
import { captionTokens, MAX_TOKENS, TOKEN_LENGTH } from './slot-tokens.js';

/** Steps of sampling. */
const STEPS = 4;

/** The denoiser for batches of one size. */
export interface Denoiser {
  /** Clean latents, scaled, that noisy ones [N, …] at one timestep are taken for, where the captions say what scenes show. */
  readonly clean: (noisy: Float32Array, timestep: number, tokens: Float32Array) => Promise<Float32Array>;
  readonly dispose: () => Promise<void>;
}

/** The denoiser's weights on the engine's device. */
export function uploadedWeights(engine: Engine, weights: ReadonlyMap<string, Float32Array>): DeviceTensors {
  const program = trace(networkInputs(1), (scope, inputs) => ({ latent: predictedLatent(scope, inputs) }));
  return Object.fromEntries(
    parametersOf(program).map(({ name, shape }) => [name, engine.upload(weights.get(name)!, shape)]),
  );
}

/** Opens the denoiser with weights that lie on the engine's device. */
export async function openDenoiser(engine: Engine, weights: DeviceTensors, count: number): Promise<Denoiser> {
  const types = networkInputs(count);
  const executable = await engine.compile(
    trace(types, (scope, inputs) => ({ latent: predictedLatent(scope, inputs) })),
  );
  return {
    clean: async (noisy, timestep, tokens) => {
      const inputs: DeviceTensors = {
        tokens: engine.upload(tokens, types.tokens.shape),
        noisy: engine.upload(noisy, types.noisy.shape),
        timestep: engine.upload(new Float32Array(count).fill(timestep), [count]),
      };
      const { latent } = await executable.run({ ...weights, ...inputs });
      const values = Float32Array.from((await latent!.read()) as Float32Array);
      for (const tensor of [...Object.values(inputs), latent!]) tensor.dispose();
      return values;
    },
    dispose: () => executable.dispose(),
  };
}

/** The tokens of captions of scenes, [N, MAX_TOKENS, TOKEN_LENGTH]. */
export function tokensOfScenes(scenes: readonly PainterScene[], codes: AppearanceCodes): Float32Array {
  const all = new Float32Array(scenes.length * MAX_TOKENS * TOKEN_LENGTH);
  scenes.forEach((scene, k) => all.set(captionTokens(scene, codes), k * MAX_TOKENS * TOKEN_LENGTH));
  return all;
}

/**
 * Latents painted from noise by DDIM with trailing timesteps (Song et al. 2021, equation 12), without guidance.
 * @param tokens [count, MAX_TOKENS, TOKEN_LENGTH]
 * @param seed of the first one's noise; the next ones have the next
 */
export async function painted(
  { clean }: Denoiser,
  tokens: Float32Array,
  { alphaBars, seed = 0 }: { readonly alphaBars: ArrayLike<number>; readonly seed?: number },
): Promise<Float32Array> {
  const count = tokens.length / (MAX_TOKENS * TOKEN_LENGTH);
  let x = new Float32Array(count * LATENT_LENGTH);
  for (let k = 0; k < count; k++) x.set(randomStream(seed + k).normal(LATENT_LENGTH), k * LATENT_LENGTH);
  for (let step = 0; step < STEPS; step++) {
    const [now, next] = [step, step + 1].map((s) => Math.round(alphaBars.length * (1 - s / STEPS)) - 1) as [
      number,
      number,
    ];
    const [signal, sigma] = [Math.sqrt(alphaBars[now]!), Math.sqrt(1 - alphaBars[now]!)];
    const nextBar = next < 0 ? 1 : alphaBars[next]!;
    const guessed = await clean(x, now, tokens);
    x = x.map((value, i) => {
      const noise = (value - signal * guessed[i]!) / sigma;
      return Math.sqrt(nextBar) * guessed[i]! + Math.sqrt(1 - nextBar) * noise;
    });
  }
  return x;
}
