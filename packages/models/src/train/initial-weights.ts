import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check, LascauxError, type ParameterSpec, readJson } from '@lascaux/nn';
import { weightNameCandidates } from '@lascaux/nn/networks';
import { loadParameters } from '@lascaux/training';
import { refuseUnfinishedRun } from '../folder/unfinished-run.js';
import { refuseWeightsOnly } from '../folder/weights-only.js';

/** The weights file of a component folder. @throws {LascauxError} when there is none, or more than one */
async function weightsFile(component: string): Promise<string> {
  const names = (await readdir(component).catch(() => [])).filter((name) => name.endsWith('.safetensors'));
  check(names.length === 1, {
    operation: component,
    rule: 'must hold one weights file (.safetensors)',
    value: names.length === 0 ? 'none' : names.join(', '),
    kind: 'usage',
  });
  return join(component, names[0]!);
}

/**
 * First values of a network's parameters from a component folder's safetensors file.
 * @param specs what the network asks for
 * @throws {LascauxError} naming the tensor that is missing or has another shape
 */
export async function readWeights(
  component: string,
  specs: readonly ParameterSpec[],
): Promise<ReadonlyMap<string, Float32Array>> {
  return loadParameters(await weightsFile(component), specs, weightNameCandidates);
}

/** The parsed `config.json` of a component folder. @throws {LascauxError} naming the option when it is not there */
export async function readComponentConfig(option: string, component: string): Promise<unknown> {
  const path = join(component, 'config.json');
  const config = await readJson(path, (json) => ({ json }));
  check(config !== undefined, { option, rule: 'no such model component', value: path, kind: 'usage' });
  return config.json;
}

/**
 * The model folder that an option names: the folder itself, or `model/` inside it where a run folder is named.
 * @param component a component that must be there, e.g. `vae_encoder`
 * @throws {LascauxError} naming the option and what it accepts
 */
export async function modelFolderOf(option: string, folder: string, component: string): Promise<string> {
  for (const candidate of [folder, join(folder, 'model')]) {
    const facts = await stat(join(candidate, component, 'model.onnx')).catch(() => undefined);
    if (facts?.isFile() === true) return candidate;
  }
  await refuseUnfinishedRun(option, folder);
  await refuseWeightsOnly(option, { component: join(folder, diffusersName(component)), from: folder });
  throw new LascauxError({
    option,
    rule: `holds no ${component}/`,
    value: folder,
    accepted: ['a model folder', 'the folder of a finished run'],
    kind: 'usage',
  });
}

/** diffusers keeps both halves of the autoencoder in one folder. */
const diffusersName = (component: string): string => component.replace(/^vae_.*/, 'vae');
