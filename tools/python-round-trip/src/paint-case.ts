import { check } from '@lascaux/nn';
import type { ImageNoise, TextToImagePipeline } from '@lascaux/pipeline';
import type { Bytes, Case } from './case-file.js';

/** Draws that are given back one after the other. */
function replayed(draws: readonly Float32Array[]): ImageNoise {
  let next = 0;
  return (size) => {
    const draw = draws[next++];
    check(draw?.length === size, {
      operation: `noise ${next}`,
      rule: 'must be as many values as are drawn here',
      value: draw?.length,
      accepted: String(size),
    });
    return draw;
  };
}

/** Paints a case with a pipeline of this repository, from the case's own noise. */
export async function paintCase(
  pipeline: TextToImagePipeline,
  { options, noise, image, mask }: Omit<Case, 'pixels'>,
): Promise<Bytes> {
  const { images } = await pipeline.generate({
    ...options,
    ...(image ? { image: { ...image, pixels: image.values } } : {}),
    ...(mask ? { mask } : {}),
    noise: () => replayed(noise),
  });
  const { pixels, width, height } = images[0]!;
  return { values: pixels, width, height };
}
