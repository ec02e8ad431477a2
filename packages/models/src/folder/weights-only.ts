import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LascauxError } from '@lascaux/nn';
import { weightsName } from './weights-name.js';

/** Files that `convertModel` takes by themselves. */
const WEIGHTS_FILE = /\.(safetensors|bin|pth|pt)$/;

/**
 * Refuses weights without a graph, as diffusers saves them, where something that runs is asked for.
 * @param component the folder that would hold `model.onnx` (or a file of weights)
 * @param from what `convertModel` is to be given
 * @throws LascauxError (usage) with the call that makes a folder that runs; does nothing for any other folder
 */
export async function refuseWeightsOnly(
  option: string,
  { component, from }: { component: string; from: string },
): Promise<void> {
  const isThere = await access(join(component, 'model.onnx')).then(
    () => true,
    () => false,
  );
  if (isThere || !(await holdsWeights(component))) return;
  const out = `${from.replace(/[/\\]+$/, '').replace(WEIGHTS_FILE, '')}-onnx`;
  throw new LascauxError({
    option,
    rule: 'holds weights and no graphs; make a folder that runs with',
    remedy: { call: 'convertModel', options: { model: from, out } },
    value: from,
    kind: 'usage',
  });
}

async function holdsWeights(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => undefined);
  return names === undefined ? WEIGHTS_FILE.test(path) : names.some((name) => weightsName(name) !== undefined);
}
