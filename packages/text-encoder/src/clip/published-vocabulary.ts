import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { ClipVocabulary, Merge } from './vocabulary.js';
import { vocabularyOf } from './vocabulary.js';

/** Beside `src` and `dist`. */
const MERGES = new URL('../../data/clip-merges.txt.gz', import.meta.url);

/**
 * The vocabulary of 49,408 tokens that OpenAI published with CLIP (Radford et al. 2021), which the text encoders of Stable Diffusion, SDXL,
 * SD 3 and Flux share.
 */
export async function publishedClipVocabulary(): Promise<ClipVocabulary> {
  const text = gunzipSync(await readFile(MERGES)).toString('utf8');
  return vocabularyOf(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ') as unknown as Merge),
  );
}
