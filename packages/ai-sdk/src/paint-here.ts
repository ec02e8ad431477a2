import type { TextToImagePipeline } from '@lascaux/pipeline';
import type { ImageCall, PaintCall } from './image-call.js';

/**
 * Paints in this process.
 * @param open gives the model, loaded once
 */
export const paintHere =
  (open: () => Promise<TextToImagePipeline>): PaintCall =>
  async (call) => {
    const { encodeImage } = await import('@lascaux/pipeline/image');
    const { settingsText } = await import('@lascaux/pipeline/options');
    const pipeline = await open();
    const { prompt, count, signal, seed = -1, options, size } = call;
    const source = await sourceOf(call, pipeline);
    const { images, options: resolved } = await pipeline.generate({
      ...options,
      ...size,
      ...source,
      prompt,
      count,
      signal,
      seed,
    });
    const { name, vaeName } = pipeline.model;
    const files = await Promise.all(
      images.map((image) =>
        encodeImage(image, 'png', settingsText(resolved, { seed: image.seed, model: name, vae: vaeName })),
      ),
    );
    return { files, seeds: images.map((image) => image.seed) };
  };

/** The image to start from, at the size to paint: the one that is named, else its own shape at about the model's number of pixels. */
async function sourceOf({ image, mask, size }: ImageCall, { defaults, sizes }: TextToImagePipeline) {
  if (image === undefined) return {};
  const { sizeLike } = await import('@lascaux/pipeline');
  const { readPicture, readPictureSize, readTransparentMask } = await import('@lascaux/pipeline/image');
  const painted = size ?? sizeLike(await readPictureSize(image, 'files'), defaults, sizes);
  return {
    ...painted,
    image: await readPicture(image, painted, { option: 'files' }),
    mask: await readTransparentMask(mask ?? image, painted, { option: 'mask' }),
  };
}
