import { BUNDLED_MODEL } from '@lascaux/models/naming';
import type { LoadOptions, TextToImagePipeline } from '@lascaux/pipeline';
import { LascauxImageModel } from './image-model.js';
import { paintHere } from './paint-here.js';
import { paintThere, type ServerAddress } from './paint-there.js';

/** Where images are painted: on a server, where its address is named; else in this process. */
export type LascauxSettings = Omit<ServerAddress, 'model'> | (LoadOptions & { readonly baseURL?: undefined });

/** Gives image models by name. */
export interface LascauxProvider {
  /** In this process: a folder, a model of the hub (`owner/name`), or the bundled `lascaux-mini`; on a server: a name of `GET /v1/models`. */
  (modelId?: string): LascauxImageModel;
  image(modelId?: string): LascauxImageModel;
  imageModel(modelId: string): LascauxImageModel;
  /** Frees the models that were loaded in this process. */
  dispose(): Promise<void>;
}

/** As many as a server paints for one request. */
const MOST_OF_A_REQUEST = 10;
/** As many as a call of the library. */
const MOST_OF_A_CALL = 10_000;

/** A provider for the AI SDK's `generateImage`. */
export function createLascaux(settings: LascauxSettings = {}): LascauxProvider {
  const loaded = new Map<string, Promise<TextToImagePipeline>>();
  const open = async (model: string, options: LoadOptions): Promise<TextToImagePipeline> => {
    const { TextToImagePipeline: Pipeline } = await import('@lascaux/pipeline');
    return Pipeline.fromPretrained(model === BUNDLED_MODEL ? undefined : model, options);
  };
  const image = (modelId: string = BUNDLED_MODEL): LascauxImageModel => {
    if (settings.baseURL !== undefined) {
      const paint = paintThere({ ...settings, model: modelId });
      return new LascauxImageModel(modelId, { paint, maxImagesPerCall: MOST_OF_A_REQUEST });
    }
    const paint = paintHere(() => {
      const pipeline = loaded.get(modelId) ?? open(modelId, settings);
      loaded.set(modelId, pipeline);
      pipeline.catch(() => loaded.delete(modelId));
      return pipeline;
    });
    return new LascauxImageModel(modelId, { paint, maxImagesPerCall: MOST_OF_A_CALL });
  };
  const dispose = async (): Promise<void> => {
    const pipelines = [...loaded.values()];
    loaded.clear();
    await Promise.all(pipelines.map((pipeline) => pipeline.then((opened) => opened.dispose())));
  };
  return Object.assign((modelId?: string) => image(modelId), { image, imageModel: image, dispose });
}
