import { parametersOf, randomStream, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { aloneScene, STYLES } from '@lascaux/scenes';
import {
  captionTokens,
  CODE_LENGTH,
  CODE_PARTS,
  LATENT_LENGTH,
  linearStart,
  MAX_TOKENS,
  predictedVelocity,
  TOKEN_LENGTH,
  velocityInputs,
} from '@lascaux/train-mini';
import { describe, expect, it } from 'vitest';

/** Bits of the number of a drawing as ±1: numbers of a code that are uncorrelated over all drawings. */
const BITS = 6;
const count = 2 ** BITS - 1;
/** Of all latents. */
const MEAN = 0.4;

describe('the start of the painter’s denoiser', () => {
  const all = Array.from({ length: count }, (_, drawing) => {
    const code = new Float32Array(CODE_PARTS * CODE_LENGTH);
    // Some in the first part, some in the last.
    for (let bit = 0; bit < BITS; bit++) code[bit < 3 ? bit : 3 * CODE_LENGTH + bit] = (drawing >> bit) & 1 ? 1 : -1;
    return code;
  });
  const patterns = Array.from({ length: CODE_PARTS * CODE_LENGTH }, (_, k) =>
    randomStream(`pattern ${k}`)
      .normal(LATENT_LENGTH)
      .map((value) => value * 0.3),
  );
  const latent = (drawing: number): Float32Array => {
    const sum = new Float32Array(LATENT_LENGTH).fill(MEAN);
    all[drawing]!.forEach((factor, k) => {
      if (factor !== 0) for (let i = 0; i < LATENT_LENGTH; i++) sum[i]! += factor * patterns[k]![i]!;
    });
    return sum;
  };
  const numberOf = (index: number, style: (typeof STYLES)[number]): number =>
    index * STYLES.length + STYLES.indexOf(style);

  it('paints what a linear map makes of the code of the thing', async () => {
    const engine = onnxEngine({ threads: 1 });
    const codes = { code: (index: number, style: (typeof STYLES)[number]) => all[numberOf(index, style)]! };
    const shown = 8;
    const types = velocityInputs(shown);
    const program = trace(types, (scope, inputs) => ({ velocity: predictedVelocity(scope, inputs) }));
    const weights = linearStart(parametersOf(program), codes, { count, latent: (_, drawing) => latent(drawing) });
    const parameters = Object.fromEntries(
      program.inputs.flatMap(({ name, parameter }) =>
        parameter === undefined ? [] : [[name, engine.upload(weights.get(parameter.name)!, parameter.shape)]],
      ),
    );
    const tokens = new Float32Array(shown * MAX_TOKENS * TOKEN_LENGTH);
    for (let k = 0; k < shown; k++) {
      const scene = aloneScene({ emoji: 2 * k, style: STYLES[k % 3]!, ground: 'white', isHalf: false });
      tokens.set(captionTokens(scene, 6 + k, codes), k * MAX_TOKENS * TOKEN_LENGTH);
    }
    const executable = await engine.compile(program);
    const { velocity } = await executable.run({
      ...parameters,
      noisy: engine.upload(randomStream(4).normal(shown * LATENT_LENGTH), types.noisy.shape),
      timestep: engine.upload(new Float32Array(shown).fill(999), [shown]),
      tokens: engine.upload(tokens, types.tokens.shape),
    });
    const painted = (await velocity!.read()) as Float32Array;
    // The velocity of a timestep that is nearly all noise is the latent turned round.
    let [error, variance] = [0, 0];
    for (let k = 0; k < shown; k++)
      latent(numberOf(2 * k, STYLES[k % 3]!)).forEach((value, i) => {
        error += (-painted[k * LATENT_LENGTH + i]! - value) ** 2;
        variance += (value - MEAN) ** 2;
      });
    expect(error / variance).toBeLessThan(0.03);
    await executable.dispose();
  }, 300_000);
});
