import type { ResolvedOptions } from './generate-options.js';
import { VERSION } from '@lascaux/nn';
import { formatParameters } from '../image/parameters-text.js';

/** The settings of one image as the text that goes into its file, with AUTOMATIC1111's names in its order. */
export function settingsText(options: ResolvedOptions, image: { seed: number; model: string; vae?: string }): string {
  const { prompt, negativePrompt, steps, scheduler, guidanceScale, width, height, strength } = options;
  const { guidanceRescale, clipSkip, promptSyntax, originalSize, cropTopLeft, targetSize } = options;
  return formatParameters({
    prompt,
    negativePrompt,
    values: {
      Steps: steps,
      Sampler: scheduler,
      'CFG scale': guidanceScale,
      Seed: image.seed,
      Size: `${width}x${height}`,
      Model: image.model,
      VAE: image.vae,
      'Denoising strength': strength,
      'Clip skip': clipSkip > 1 ? clipSkip : undefined,
      'Guidance rescale': guidanceRescale > 0 ? guidanceRescale : undefined,
      // AUTOMATIC1111's name for brackets that are ordinary characters
      Emphasis: promptSyntax === 'plain' ? 'None' : undefined,
      'Original size': originalSize && `${originalSize.width}x${originalSize.height}`,
      Crop: cropTopLeft && `${cropTopLeft.left}x${cropTopLeft.top}`,
      'Target size': targetSize && `${targetSize.width}x${targetSize.height}`,
      RNG: 'Lascaux',
      Version: `lascaux ${VERSION}`,
    },
  });
}
