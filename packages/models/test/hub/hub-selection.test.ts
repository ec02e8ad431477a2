import { describe, expect, it } from 'vitest';
import { modelName } from '../../src/folder/model-name.js';
import { checkListedPath, checkedPath } from '../../src/hub/checked-path.js';
import { looksLikeRepositoryId, parseRepositoryId } from '../../src/hub/repository-id.js';
import { selectFiles } from '../../src/hub/select-files.js';
import { ONNX_MODEL, ONNX_NEEDED, WEIGHTS_MODEL } from '@lascaux/model-fixtures/hub';

const listing = (paths: readonly string[]) => paths.map((path) => ({ path, size: 1, etag: 'e' }));
const select = (paths: readonly string[], variant?: string) => {
  const { format, files } = selectFiles(listing(paths), { variant }, 'owner/name');
  return { format, paths: files.map(({ path }) => path).sort() };
};
const without = (paths: readonly string[], pattern: RegExp) => paths.filter((path) => !pattern.test(path));

describe('the files that are needed', () => {
  it('are the graphs, not other precisions, frameworks or parts, and not yet what they keep their weights in', () => {
    const data = /onnx_data|weights\.pb|safetensors/;
    expect(select(Object.keys(ONNX_MODEL))).toEqual({ format: 'onnx', paths: without(ONNX_NEEDED, data) });
  });

  const weights = Object.keys(WEIGHTS_MODEL);
  const of = (paths: string[]) => paths.filter((path) => path.includes('safetensors'));

  it('are the plain safetensors, in shards with their index, where there are no graphs', () => {
    const { format, paths } = select(weights);
    expect(format).toBe('weights');
    expect(of(paths)).toEqual([
      'text_encoder/model.safetensors',
      'unet/diffusion_pytorch_model-00001-of-00002.safetensors',
      'unet/diffusion_pytorch_model-00002-of-00002.safetensors',
      'unet/diffusion_pytorch_model.safetensors.index.json',
      'vae/diffusion_pytorch_model.safetensors',
    ]);
    expect(paths).toContain('vae/config.json');
    expect(paths.filter((path) => /\.(bin|h5|msgpack|xml|md)$/.test(path))).toEqual([]);
  });

  it('are the variant where a part has it, when it is asked for', () => {
    expect(of(select(weights, 'fp16').paths)).toEqual([
      'text_encoder/model.fp16.safetensors',
      'unet/diffusion_pytorch_model.fp16.safetensors',
      'vae/diffusion_pytorch_model.safetensors',
    ]);
  });

  it('are the only variant there is, asked for or not', () => {
    const only = without(weights, /text_encoder\/model\.safetensors/);
    expect(of(select(only).paths)).toContain('text_encoder/model.fp16.safetensors');
  });

  it('know shards of a variant under both names', () => {
    const sharded = [
      ...without(weights, /^unet\/.*safetensors/),
      'unet/diffusion_pytorch_model.safetensors.index.fp16.json',
      'unet/diffusion_pytorch_model-00001-of-00001.fp16.safetensors',
      'text_encoder/model.fp16-00001-of-00001.safetensors',
    ];
    expect(of(select(sharded, 'fp16').paths)).toEqual(
      expect.arrayContaining(sharded.slice(-3).filter((path) => path !== 'unet')),
    );
  });

  it("are PyTorch's own files only where there are no safetensors", () => {
    const { paths } = select(without(weights, /^vae\/.*safetensors|^text_encoder\/.*safetensors/));
    expect(paths).toEqual(
      expect.arrayContaining(['vae/diffusion_pytorch_model.bin', 'text_encoder/pytorch_model.bin']),
    );
    expect(paths.filter((path) => path.startsWith('unet/') && path.endsWith('.bin'))).toEqual([]);
  });

  it.each([
    ['model_index.json', /model_index/],
    ['unet/ or transformer/', /^unet\//],
    ['vae/ as ONNX graph or PyTorch weights', /^vae\//],
    ['text_encoder/ as ONNX graph or PyTorch weights', /^text_encoder\/.*(safetensors|bin)/],
  ])('a repository without %s is refused', (what, pattern) => {
    expect(() => select(without(weights, pattern))).toThrow(`the repository has no ${what}`);
  });
});

describe('names from the server', () => {
  it.each([
    '../x',
    'unet/../../x',
    '/etc/passwd',
    'C:/x',
    'unet\\..\\x',
    'unet//x',
    './x',
    'a\u0000b',
    'x:stream',
    'a\u009bb',
  ])('%j leave the folder and are refused', (path) => {
    expect(() => checkedPath(path, 'owner/name')).toThrow('outside of its folder');
  });

  it.each(['../x', 'docs/../../x', '/etc/x', 'd:/x', 'C:', 'a\\b', 'a//b', 'a\u0000', '\u001b[2J', 'a\u0085b'])(
    '%j are refused in a list, wanted or not',
    (path) => {
      const named = `got "${JSON.stringify(path)}"`;
      const visible = named.replaceAll('\u0085', '\\u0085');
      expect(() => checkListedPath(path, 'owner/name')).toThrow(visible);
    },
  );

  it('with a colon may be listed', () => {
    expect(() => checkListedPath('docs/12:30 notes.md', 'owner/name')).not.toThrow();
  });

  it.each(['unet/model.onnx', 'unet/up..weight', '.gitattributes', 'ä/ö x.json'])('%j are taken', (path) => {
    expect(checkedPath(path, 'owner/name')).toBe(path);
  });
});

describe('hub ids', () => {
  it.each([
    ['owner/name', { name: 'owner/name', revision: 'main' }],
    ['owner/name@onnx', { name: 'owner/name', revision: 'onnx' }],
    ['o_1/a.b-c@refs/pr/1', { name: 'o_1/a.b-c', revision: 'refs/pr/1' }],
  ])('%s', (text, id) => {
    expect(parseRepositoryId(text)).toEqual(id);
  });

  it('takes the revision that is given apart', () => {
    expect(parseRepositoryId('owner/name@a', { revision: 'b' }).revision).toBe('b');
  });

  it.each([
    'name',
    'a/b/c',
    './name',
    '../name',
    '/owner/name',
    'owner/',
    'owner/a--b',
    'owner/a.git',
    'own er/name',
    '-a/b',
  ])('%j is none', (text) => {
    expect(looksLikeRepositoryId(text)).toBe(false);
    expect(() => parseRepositoryId(text)).toThrow('must be the id of a model on the hub');
  });

  it.each(['../x', 'a/../b', '/a', 'a//b', '', 'a b', '.hidden', 'a\\b'])('the revision %j is refused', (revision) => {
    expect(() => parseRepositoryId('owner/name', { revision })).toThrow('a branch, a tag or a commit');
  });
});

it('a model in the cache is called by its repository, any other by its folder', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  expect(modelName(`/cache/models--an-owner--a.name/snapshots/${commit}`)).toBe('an-owner/a.name');
  expect(modelName(`/cache/models--owner--name/lascaux/${commit}/converted-plain`)).toBe('owner/name');
  expect(modelName('/models/lascaux-mini')).toBe('lascaux-mini');
});
