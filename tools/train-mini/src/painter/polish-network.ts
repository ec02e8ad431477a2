import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { autoencoder } from '@lascaux/vae/train';
import { painterVaeConfig } from './networks.js';

const { abs, add, clamp, mean, mul, pad, reshape, slice, sub } = ops;

/** Weight of the error of neighbours' differences, and what an edge adds to the weight of its pixel. */
const DIFFERENCES = 0.5;
const AT_EDGES = 3;

/** The decoder's parameters. */
export const isDecoderParameter = (name: string): boolean => name.startsWith('decoder.');

/** Inputs of a step: images in [−1, 1] and the raw latents to decode to them, from the encoder or near to what it would give. */
export const polishInputs = (batch: number, side: number) => {
  const { latentChannels, spatialFactor } = autoencoder(painterVaeConfig);
  const cells = side / spatialFactor;
  return {
    pixels: { shape: [batch, 3, side, side] },
    latent: { shape: [batch, latentChannels, cells, cells] },
  } satisfies InputTypes;
};

/** Differences of neighbours along an axis: one fewer than there are pixels. */
function differences(image: Value, axis: number): Value {
  const size = image.shape[axis] as number;
  return sub(slice(image, { axis, begin: 1, end: size }), slice(image, { axis, begin: 0, end: size - 1 }));
}

/**
 * Absolute errors of decoded images, of pixels and of the differences of neighbours, pixels at edges counting up to four times: squared errors
 * answer doubt by blur, these by the likelier of two edges.
 */
export function polishLoss(
  scope: Scope,
  { pixels, latent }: { readonly [Name in keyof ReturnType<typeof polishInputs>]: Value },
) {
  const decoded = autoencoder(painterVaeConfig).decode(scope, latent);
  const [across, down] = [differences(pixels, 3), differences(pixels, 2)];
  const edges = clamp(
    add(pad(abs(across), { axis: 3, before: 0, after: 1 }), pad(abs(down), { axis: 2, before: 0, after: 1 })),
    0,
    1,
  );
  const atPixels = mean(mul(abs(sub(pixels, decoded)), add(mul(edges, AT_EDGES), 1)));
  const [wideEdges, highEdges] = [differences(decoded, 3), differences(decoded, 2)];
  const between = add(mean(abs(sub(across, wideEdges))), mean(abs(sub(down, highEdges))));
  const sharpness = ops.div(add(mean(abs(wideEdges)), mean(abs(highEdges))), add(mean(abs(across)), mean(abs(down))));
  return {
    loss: reshape(add(atPixels, mul(between, DIFFERENCES)), []),
    metrics: { edge_energy: sharpness },
  };
}
