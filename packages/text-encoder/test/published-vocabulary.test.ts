import { clipTokenizer } from '@lascaux/text-encoder';
import { publishedClipVocabulary } from '@lascaux/text-encoder/published';
import { expect, it } from 'vitest';

it('gives the ids of OpenAI’s CLIP', async () => {
  const tokenizer = clipTokenizer({ ...(await publishedClipVocabulary()), maxLength: 77 });
  expect(tokenizer.vocabSize).toBe(49408);
  expect(tokenizer.encode('hello world!').ids.slice(0, 5)).toEqual([49406, 3306, 1002, 256, 49407]);
  expect(tokenizer.encode('A photo of a cat').ids.slice(0, 7)).toEqual([49406, 320, 1125, 539, 320, 2368, 49407]);
});
