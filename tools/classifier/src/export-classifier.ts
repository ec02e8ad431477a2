import { trace } from '@lascaux/nn';
import { writeComponent } from '@lascaux/nn/onnx';
import { checkpointWeights } from '@lascaux/training';
import { classify, type ClassifierConfig } from './network.js';

/** What `exportClassifier` needs. */
export interface ExportClassifierOptions {
  /** A training checkpoint; its running average is exported. */
  readonly checkpoint: string;
  /** The folder to write. */
  readonly directory: string;
  readonly config: ClassifierConfig;
}

/** Name of the weights beside `model.onnx`. */
const WEIGHTS_FILE = 'model.safetensors';

/**
 * Writes a trained classifier as `config.json` (with its nouns), `model.safetensors` and `model.onnx`: pixels [batch, 3, S, S] in
 * [−1, 1] → logits [batch, nouns].
 * @throws {LascauxError} when the checkpoint does not fit the config
 */
export async function exportClassifier({ checkpoint, directory, config }: ExportClassifierOptions): Promise<void> {
  const weights = await checkpointWeights(checkpoint);
  const { sample_size: size } = config;
  const program = trace({ pixels: { shape: ['batch', 3, size, size] } }, (scope, { pixels }) => ({
    logits: classify(scope, config, pixels),
  }));
  await writeComponent(directory, { program, config, weights, weightsFile: WEIGHTS_FILE });
}
