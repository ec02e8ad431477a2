import type { ImageModelV4, ImageModelV4CallOptions, ImageModelV4Result } from '@ai-sdk/provider';
import { imageCallOf, type PaintCall } from './image-call.js';

/** An image model of the AI SDK. */
export class LascauxImageModel implements ImageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'lascaux.image';
  readonly supportsFileInputs = true;
  readonly supportsMaskInputs = true;
  readonly modelId: string;
  readonly maxImagesPerCall: number;
  readonly #paint: PaintCall;

  constructor(modelId: string, { paint, maxImagesPerCall }: { paint: PaintCall; maxImagesPerCall: number }) {
    this.modelId = modelId;
    this.maxImagesPerCall = maxImagesPerCall;
    this.#paint = paint;
  }

  async doGenerate(options: ImageModelV4CallOptions): Promise<ImageModelV4Result> {
    const { files, seeds, headers } = await this.#paint(imageCallOf(options));
    return {
      images: files.every((file) => typeof file === 'string') ? files : files.map(bytesOf),
      warnings: warningsOf(options),
      providerMetadata: { lascaux: { images: seeds.map((seed) => ({ seed })) } },
      response: { timestamp: new Date(), modelId: this.modelId, headers },
    };
  }
}

const bytesOf = (file: string | Uint8Array): Uint8Array =>
  typeof file === 'string' ? new Uint8Array(Buffer.from(file, 'base64')) : file;

function warningsOf({ aspectRatio, files = [] }: ImageModelV4CallOptions): ImageModelV4Result['warnings'] {
  const ratio = { type: 'unsupported', feature: 'aspectRatio', details: 'Name the size instead.' } as const;
  const others = { type: 'unsupported', feature: 'files', details: 'Images are painted from the first file.' } as const;
  return [...(aspectRatio === undefined ? [] : [ratio]), ...(files.length > 1 ? [others] : [])];
}
