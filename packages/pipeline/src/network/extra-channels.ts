import type { Network } from '@lascaux/diffusion';

/**
 * The network with further channels after each latent's own, the same for every image and step: mask and masked
 * picture of inpainting networks.
 * @param latentSize values of one latent
 */
export function withExtraChannels(
  network: Network<Float32Array>,
  extra: Float32Array,
  latentSize: number,
): Network<Float32Array> {
  return (input, timestep) => {
    const images = input.length / latentSize;
    const size = latentSize + extra.length;
    const joined = new Float32Array(images * size);
    for (let k = 0; k < images; k++) {
      joined.set(input.subarray(k * latentSize, (k + 1) * latentSize), k * size);
      joined.set(extra, k * size + latentSize);
    }
    return network(joined, timestep);
  };
}
