import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { painterEmojis, STYLES } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { finishedCodes } from './appearance.js';
import { codebookEncoder, LAYERS_WITHOUT_MEMORY, withoutMemory } from './codebook.js';
import { stageWeights, type StageWeights } from './stage-weights.js';
import { painterTextConfig } from './text-network.js';

/** A CLIPTextModel. */
export interface FinishedTextEncoder {
  readonly weights: StageWeights;
  readonly config: CLIPTextConfig;
}

/**
 * The text encoder whose states are tokens, of the newest weights of its stage and the codes of all drawings; `scoring` without the layers that
 * hold these, for what reads where a text ends.
 * @throws {LascauxError} when either is missing
 */
export async function finishedTextEncoder(
  runs: string,
  tokenizer: ClipTokenizer,
  { scoring = false }: { readonly scoring?: boolean } = {},
): Promise<FinishedTextEncoder> {
  const nouns = painterEmojis().length;
  const codebook = { codes: await finishedCodes(runs, nouns * STYLES.length), nouns };
  const trained = await stageWeights(runs, 'text-encoder');
  const config = painterTextConfig(tokenizer);
  return scoring
    ? { weights: withoutMemory(trained, codebook), config: { ...config, num_hidden_layers: LAYERS_WITHOUT_MEMORY } }
    : { weights: codebookEncoder(trained, codebook), config };
}
