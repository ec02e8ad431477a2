import { openSession } from '@lascaux/nn/onnx';
import { loadTokenizer } from '@lascaux/text-encoder';
import { feedTensor, findValue, readFloats } from '@lascaux/vae';
import { join } from 'node:path';
import type { ModelParts } from './model-folder.js';
import type { EncodedPrompt, PromptEncoder } from './text-embedding.js';

/** Loads the tokenizer and the text encoder of a model folder. */
export async function loadPromptEncoder(parts: ModelParts, device: string): Promise<PromptEncoder> {
  const [tokenizer, session] = await Promise.all([
    loadTokenizer(parts.tokenizer),
    openSession(join(parts.textEncoder, 'model.onnx'), { device }),
  ]);
  const input = findValue(session.inputMetadata, ['input_ids'], parts.textEncoder);
  const output = findValue(session.outputMetadata, ['last_hidden_state'], parts.textEncoder);

  async function encode(prompt: string): Promise<EncodedPrompt> {
    const { ids, truncated } = tokenizer.encode(prompt);
    const results = await session.run({ [input.name]: feedTensor(input, Float32Array.from(ids), [1, ids.length]) });
    const values = readFloats(results[output.name]!);
    return { embedding: { values, shape: [ids.length, values.length / ids.length] }, truncated };
  }

  return { encode, dispose: () => session.release() };
}

/** Embeddings kept per encoder: a session that paints many pictures repeats its prompts. */
const REMEMBERED_PROMPTS = 64;

/** The encoder with its latest answers remembered, the empty negative prompt among them. */
export function rememberingEncoder(encoder: PromptEncoder): PromptEncoder {
  const known = new Map<string, Promise<EncodedPrompt>>();

  function encode(prompt: string): Promise<EncodedPrompt> {
    const answer = known.get(prompt) ?? encoder.encode(prompt);
    // Taken out and put in again, so that the oldest use comes first; a failure is not remembered.
    known.delete(prompt);
    known.set(prompt, answer);
    answer.catch(() => known.delete(prompt));
    const [oldest] = known.keys();
    if (known.size > REMEMBERED_PROMPTS && oldest !== undefined) known.delete(oldest);
    return answer;
  }

  return { encode, dispose: () => encoder.dispose() };
}
