import { limits } from '@lascaux/nn';
import type { ImageSettings } from './image-settings.js';
import { isObject, settingsOf, textAt, type Json, type JsonObject } from './settings-fields.js';

/**
 * The settings of a ComfyUI graph (its `prompt`: nodes by number, each with `class_type` and `inputs`, where a link is [number, output]) that has
 * one sampler with plain inputs; undefined for any other, whose texts have no single reading.
 */
export function comfySettings(graph: JsonObject): ImageSettings | undefined {
  const samplers = Object.values(graph).filter((node) => /^KSampler(Advanced)?$/.test(classOf(node) ?? ''));
  const [sampler] = samplers;
  if (samplers.length !== 1 || !isObject(sampler)) return undefined;
  const inputs = inputsOf(sampler);
  const follow = (name: string, through: readonly string[], wanted: readonly string[]): JsonObject | undefined =>
    nodeBehind(graph, inputs[name], { through, wanted });
  const texts = ['positive', 'negative'].map((name) => follow(name, ['conditioning', name], ['text']));
  const latent = follow('latent_image', ['samples'], ['width']);
  const loader = follow('model', ['model'], ['ckpt_name', 'unet_name']);
  const [prompt, negativePrompt] = texts.map((node) => node && textAt(node, 'text'));
  if (prompt === undefined) return undefined;
  return settingsOf('ComfyUI', {
    prompt,
    negativePrompt,
    steps: inputs.steps,
    sampler: [inputs.sampler_name, inputs.scheduler].filter((part) => typeof part === 'string').join(' '),
    guidance: inputs.cfg,
    seed: inputs.seed ?? inputs.noise_seed,
    width: latent?.width,
    height: latent?.height,
    model: loader?.ckpt_name ?? loader?.unet_name,
  });
}

const classOf = (node: Json | undefined): string | undefined =>
  isObject(node) ? textAt(node, 'class_type') : undefined;

const inputsOf = (node: Json | undefined): JsonObject => {
  const inputs = isObject(node) ? node.inputs : undefined;
  return isObject(inputs) ? inputs : {};
};

/** The inputs of the first node along a link that has one of the wanted keys, going on through the named links. */
function nodeBehind(
  graph: JsonObject,
  link: Json | undefined,
  { through, wanted }: { through: readonly string[]; wanted: readonly string[] },
): JsonObject | undefined {
  let next = link;
  for (let step = 0; step < limits.workflowLinks && Array.isArray(next); step++) {
    const inputs = inputsOf(graph[String(next[0])]);
    if (wanted.some((key) => typeof inputs[key] === 'string' || typeof inputs[key] === 'number')) return inputs;
    next = through.map((name) => inputs[name]).find(Array.isArray);
  }
  return undefined;
}
