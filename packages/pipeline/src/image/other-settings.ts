import { comfySettings } from './comfyui-settings.js';
import type { ImageSettings, ImageTexts } from './image-settings.js';
import { isObject, parsed, settingsOf, textAt, type Json } from './settings-fields.js';
import { parseParameters } from './parse-parameters.js';

/** Readers of each program's form; each gives undefined for any other. */
const readers: readonly ((texts: ImageTexts) => ImageSettings | undefined)[] = [
  swarm,
  fooocus,
  automatic1111,
  invoke,
  novelAi,
  comfyUi,
];

/**
 * The settings that a picture's texts hold, of AUTOMATIC1111 and all that write its form, ComfyUI, Fooocus, InvokeAI, NovelAI and SwarmUI, as far
 * as their keys are plain; undefined when there are none, or of another form.
 */
export function settingsIn(texts: ImageTexts): ImageSettings | undefined {
  for (const read of readers) {
    const settings = read(texts);
    if (settings !== undefined) return settings;
  }
  return undefined;
}

/** The text that AUTOMATIC1111 would write: `parameters` in PNG, the comment elsewhere. */
const mainText = (texts: ImageTexts): string | undefined => texts.parameters ?? texts.UserComment;

function automatic1111(texts: ImageTexts): ImageSettings | undefined {
  const text = mainText(texts);
  return text === undefined || isObject(parsed(text)) ? undefined : parseParameters(text);
}

function swarm(texts: ImageTexts): ImageSettings | undefined {
  const json = parsed(mainText(texts));
  const fields = isObject(json) ? json.sui_image_params : undefined;
  if (!isObject(fields)) return undefined;
  return settingsOf('SwarmUI', {
    prompt: fields.prompt,
    negativePrompt: fields.negativeprompt,
    steps: fields.steps,
    sampler: fields.sampler,
    guidance: fields.cfgscale,
    seed: fields.seed,
    width: fields.width,
    height: fields.height,
    model: fields.model,
  });
}

function fooocus(texts: ImageTexts): ImageSettings | undefined {
  const fields = parsed(mainText(texts));
  if (!isObject(fields) || typeof fields.prompt !== 'string' || !('base_model' in fields || 'fooocus_scheme' in texts))
    return undefined;
  const [, width, height] = /^\((\d+), ?(\d+)\)$/.exec(textAt(fields, 'resolution') ?? '') ?? [];
  return settingsOf('Fooocus', {
    prompt: fields.prompt,
    negativePrompt: fields.negative_prompt,
    steps: fields.steps,
    sampler: fields.sampler,
    guidance: fields.guidance_scale,
    seed: fields.seed,
    width,
    height,
    model: fields.base_model,
  });
}

function invoke(texts: ImageTexts): ImageSettings | undefined {
  const fields = parsed(texts.invokeai_metadata);
  if (!isObject(fields) || typeof fields.positive_prompt !== 'string') return undefined;
  const model: Json | undefined = isObject(fields.model)
    ? (fields.model.name ?? fields.model.model_name)
    : fields.model;
  return settingsOf('InvokeAI', {
    prompt: fields.positive_prompt,
    negativePrompt: fields.negative_prompt,
    steps: fields.steps,
    sampler: fields.scheduler,
    guidance: fields.cfg_scale,
    seed: fields.seed,
    width: fields.width,
    height: fields.height,
    model,
  });
}

function novelAi(texts: ImageTexts): ImageSettings | undefined {
  const fields = parsed(texts.Comment);
  if (texts.Software !== 'NovelAI' || !isObject(fields)) return undefined;
  return settingsOf('NovelAI', {
    prompt: fields.prompt ?? texts.Description,
    negativePrompt: fields.uc,
    steps: fields.steps,
    sampler: fields.sampler,
    guidance: fields.scale,
    seed: fields.seed,
    width: fields.width,
    height: fields.height,
    model: texts.Source,
  });
}

function comfyUi(texts: ImageTexts): ImageSettings | undefined {
  const graph = parsed(texts.prompt);
  return isObject(graph) ? comfySettings(graph) : undefined;
}
