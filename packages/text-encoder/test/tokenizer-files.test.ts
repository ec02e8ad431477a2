import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, saveTokenizer, trainBpe } from '@lascaux/text-encoder';
import { CAPTIONS } from './captions.js';

const trained = trainBpe(CAPTIONS, { vocabSize: 640, maxLength: 20 });
const TEXTS = [
  ...CAPTIONS,
  '',
  'A cat?<|EndOfText|> b',
  "can't  stop!! 3½ Ⅷ",
  '🐱 生活的真谛是 👩‍❤️‍👨',
  'ΟΔΟΣ cre\u0300me \u00a0 x\u0085y\ufeffz',
];
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-tokenizer-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folder(name: string, files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(root, name));
  await Promise.all(Object.entries(files).map(([file, text]) => writeFile(join(directory, file), text)));
  return directory;
}

const VOCAB = JSON.stringify({ a: 0, 'b</w>': 1, 'ab</w>': 2, '!': 3, '<|startoftext|>': 4, '<|endoftext|>': 5 });
const MINIMAL = { 'vocab.json': VOCAB, 'merges.txt': '#version: 0.2\r\na b</w>\r\n' };

describe('saveTokenizer', () => {
  it('writes what loadTokenizer reads, and nothing else', async () => {
    const directory = join(root, 'new', 'tokenizer');
    await saveTokenizer(directory, trained);
    const loaded = await loadTokenizer(directory);
    expect(loaded).toMatchObject({ vocab: trained.vocab, merges: trained.merges, maxLength: 20 });
    expect((await readdir(directory)).sort()).toEqual([
      'merges.txt',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
    ]);
  });

  it.each([undefined, 0])('makes folders that transformers.js reads with the same ids (pad id %s)', async (padId) => {
    const directory = join(root, `pad-${padId}`);
    await saveTokenizer(directory, { ...trained, padId });
    const theirs = await AutoTokenizer.from_pretrained(directory, { local_files_only: true });
    const ours = await loadTokenizer(directory);
    expect(theirs.model_max_length).toBe(20);
    for (const text of TEXTS) expect(theirs.encode(text)).toEqual([ours.startId, ...ours.tokenize(text), ours.endId]);
    const { input_ids } = theirs('a cat', { padding: 'max_length', max_length: 20, return_tensor: false }) as {
      input_ids: number[];
    };
    expect(input_ids).toEqual(ours.encode('a cat').ids);
  });
});

describe('loadTokenizer', () => {
  it('needs vocab.json and merges.txt alone', async () => {
    const tokenizer = await loadTokenizer(await folder('minimal', MINIMAL));
    expect(tokenizer).toMatchObject({ maxLength: 77, startId: 4, endId: 5, padId: 5, vocabSize: 6 });
    expect(tokenizer.tokenize('ab aq')).toEqual([2, 0, 5]); // an unknown symbol is the end token, as in CLIP
  });

  it('is content with tokenizer.json', async () => {
    await saveTokenizer(join(root, 'fast'), trained);
    const text = await readFile(join(root, 'fast', 'tokenizer.json'), 'utf8');
    const { vocab, merges } = await loadTokenizer(await folder('fast-only', { 'tokenizer.json': text }));
    expect({ vocab, merges }).toEqual({ vocab: trained.vocab, merges: trained.merges });
  });

  it('takes the pad token of special_tokens_map.json before that of tokenizer_config.json', async () => {
    const config = { model_max_length: 12, pad_token: '<|endoftext|>' };
    const specials = { pad_token: { content: '!' } };
    const directory = await folder('pad', {
      ...MINIMAL,
      'tokenizer_config.json': JSON.stringify(config),
      'special_tokens_map.json': JSON.stringify(specials),
    });
    expect(await loadTokenizer(directory)).toMatchObject({ padId: 3, maxLength: 12 });
    expect(await loadTokenizer(directory, { padId: 5, maxLength: 8 })).toMatchObject({ padId: 5, maxLength: 8 });
  });

  it('does not believe in lengths that no CLIP has', async () => {
    const files = { ...MINIMAL, 'tokenizer_config.json': JSON.stringify({ model_max_length: 1e30 }) };
    expect((await loadTokenizer(await folder('long', files))).maxLength).toBe(77);
  });

  it.each<[string, Record<string, string>, string]>([
    ['an empty folder', {}, 'holds no CLIP tokenizer (accepted: vocab.json and merges.txt'],
    ['merges missing', { 'vocab.json': VOCAB }, 'holds no CLIP tokenizer'],
    ['cut JSON', { ...MINIMAL, 'vocab.json': VOCAB.slice(0, 20) }, 'vocab.json: must be valid JSON'],
    ['a list', { ...MINIMAL, 'vocab.json': '[1]' }, 'vocab.json: must hold a JSON object, got "[1]"'],
    ['a text as id', { ...MINIMAL, 'vocab.json': '{"a":"b"}' }, 'the id of "a" must be a whole number, got ""b""'],
    ['a merge of three', { ...MINIMAL, 'merges.txt': 'a b c' }, 'a merge must be two symbols'],
    ['an unknown pad', { ...MINIMAL, 'special_tokens_map.json': '{"pad_token":"?"}' }, 'in the vocabulary, got "?"'],
  ])('refuses %s', async (_, files, message) => {
    await expect(loadTokenizer(await folder('bad', files))).rejects.toThrow(message);
  });
});
