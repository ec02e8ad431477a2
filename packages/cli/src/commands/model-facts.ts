import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openModelFolder, type ModelFolder } from '@lascaux/models';
import { defaultsOf, familyOf, largestSide, schedulerConfigOf, sizeMultiple, textPartsOf } from '@lascaux/pipeline';
import { optionDefaults, samplerNameOf } from '@lascaux/pipeline/options';

/** What `info` shows about a model folder: its class, parts with their size on disk, and default settings. */
export async function modelFacts(folder: string): Promise<object> {
  const model = await openModelFolder(folder);
  const defaults = defaultsOf(model);
  const sampler = defaults.sampler ?? samplerNameOf(schedulerConfigOf(model));
  const family = familyOf(model).name;
  const parts = await Promise.all(
    partFolders(model).map(async (path) => [relative(model.path, path), megabytes(await sizeOf(path))] as const),
  );
  const largest = largestSide(model);
  const { latentChannels, spatialFactor, scaling } = model.vaeConfig;
  return {
    path: model.path,
    class: model.index.className,
    family,
    parts: Object.fromEntries(parts),
    defaults: optionDefaults({ ...defaults, sampler }, family),
    latent: {
      channels: latentChannels,
      pixelsPerCell: spatialFactor,
      sizesInMultiplesOf: sizeMultiple(model),
      ...(largest === undefined ? {} : { largestSide: largest }),
      scalingFactor: scaling.scalingFactor,
    },
    prediction: predictionOf(schedulerConfigOf(model)),
  };
}

/** What the denoiser predicts, as diffusers says it: schedulers of straight lines (Lipman et al. 2022) name it by their class. */
function predictionOf({ _class_name, prediction_type }: ModelFolder['schedulerConfig']): string {
  if (typeof prediction_type === 'string') return prediction_type;
  return String(_class_name).startsWith('FlowMatch') ? 'flow_prediction' : 'epsilon';
}

function partFolders(model: ModelFolder): string[] {
  const { textEncoders: _, ...others } = model.parts;
  return [
    ...textPartsOf(model).flatMap(({ tokenizer, folder }) => [tokenizer, folder]),
    ...Object.values<string>(others),
  ];
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
