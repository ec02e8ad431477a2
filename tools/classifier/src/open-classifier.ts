import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openImageModel, type ImageFeatureExtractor } from '@lascaux/evaluator';
import { check } from '@lascaux/nn';
import { ClassifierConfig } from './network.js';

/** A classifier ready to judge pictures. */
export interface Classifier {
  readonly config: ClassifierConfig;
  /** RGB pictures of any size → logits, one column a noun. */
  readonly model: ImageFeatureExtractor;
}

/**
 * Opens a trained classifier: its folder, or the run folder that holds it as `model`.
 * @throws {LascauxError} when there is none, or its configuration or graph is broken
 */
export async function openClassifier(folder: string, { threads }: { threads?: number } = {}): Promise<Classifier> {
  const directory = [folder, join(folder, 'model')].find((path) => existsSync(join(path, 'model.onnx')));
  check(directory !== undefined, {
    operation: '--classifier',
    rule: 'must be a folder with model.onnx, or a run folder with model/model.onnx',
    value: folder,
    kind: 'usage',
  });
  const config = await readConfig(join(directory, 'config.json'));
  const model = await openImageModel({
    ...{ model: join(directory, 'model.onnx'), name: 'noun-classifier', output: 'logits' },
    ...{ size: config.sample_size, threads },
  });
  return { config, model };
}

async function readConfig(path: string): Promise<ClassifierConfig> {
  const result = ClassifierConfig.safeParse(JSON.parse(await readFile(path, 'utf8')));
  const issue = result.error?.issues[0];
  check(result.success, { operation: path, rule: `${issue?.path.join('.')}: ${issue?.message}` });
  return result.data;
}
