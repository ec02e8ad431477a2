import { findVae, openModelFolder, resolveModel, withVae, type ModelFolder, type VaeFolder } from '@lascaux/models';
import { isPicture } from '../image/picture.js';
import { checkNeeds, checkOption } from '../options/check-options.js';
import type { SourceOptions } from '../image/read-source.js';
import { sourceSize } from './source-size.js';
import { loadParts } from './load-parts.js';
import { Painter } from './painter.js';
import type { GenerateCallbacks, GenerateResult, LoadOptions } from './pipeline-types.js';

/** Whether an image is a file, by its path or its bytes. */
const isFile = (value: unknown): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array;

/** Text → image: joins text encoders, denoiser and autoencoder of a model folder in the Stable Diffusion layout. */
export class TextToImagePipeline extends Painter {
  /**
   * Loads a model: a folder, a model of the hub (`owner/name` or `owner/name@revision`, downloaded into the cache that
   * Python uses where it is not there), or the bundled model when none is named.
   * @throws LascauxError naming the part that is missing or broken, or what keeps it from being downloaded.
   */
  static async fromPretrained(model?: string, options: LoadOptions = {}): Promise<TextToImagePipeline> {
    const folder = await resolveModel(model, { ...options.hub, signal: options.signal });
    return TextToImagePipeline.load(await openModelFolder(folder), options);
  }

  /**
   * Loads the stages of a model folder that is already open.
   * @throws LascauxError naming the file that is broken, or the autoencoder whose latents are not the model's.
   */
  static async load(model: ModelFolder, options: LoadOptions = {}): Promise<TextToImagePipeline> {
    const { vae, previewVae } = options;
    const find = async (path: string, option: string): Promise<VaeFolder> => {
      const hub = { ...options.hub, signal: options.signal, autoencoder: true };
      return findVae(await resolveModel(path, { ...hub, option }), model, option);
    };
    const preview = previewVae === undefined ? undefined : await find(previewVae, 'previewVae');
    const whole = vae === undefined ? model : withVae(model, await find(vae, 'vae'));
    return new TextToImagePipeline(whole, await loadParts(whole, { ...options, previewDecoder: preview?.decoder }));
  }

  /**
   * Paints images of a prompt, from noise or from an image. Image and mask may be files, by their path or their bytes: they are turned upright,
   * laid on white and resized to what is painted: `width` and `height`, or the image's own shape at about the model's number of pixels.
   * @throws LascauxError for an option that is out of range or a file that is missing or no image, or when the network returns values that are
   *   not numbers; the signal's reason when it is aborted.
   */
  override async generate({ image, mask, ...options }: SourceOptions & GenerateCallbacks): Promise<GenerateResult> {
    checkNeeds({ image, mask });
    if (image === undefined) return super.generate(options);
    if (!isFile(image)) checkOption('image', image);
    if (mask !== undefined && !isFile(mask)) checkOption('mask', mask);
    const isDecoded = isPicture(image);
    const size = isDecoded ? image : await sourceSize({ ...options, image }, this.model);
    const { readSource } = await import('../image/read-source.js');
    const source = await readSource({ image, mask }, size);
    return super.generate({ ...options, ...(isDecoded ? {} : size), ...source });
  }
}
