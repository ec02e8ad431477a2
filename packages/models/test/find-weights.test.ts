import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { openWeights } from '../src/convert/find-weights.js';
import { temporaryFolder } from '@lascaux/model-fixtures';

/** A component whose weights lie in shards of a variant, named as diffusers or transformers does. */
async function shardsOf(names: readonly string[], index: string): Promise<string> {
  const folder = join(await temporaryFolder(), 'unet');
  await mkdir(folder);
  const map: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    await writeSafetensors(join(folder, name), { [`t${i}`]: { dtype: 'U8', shape: [1], data: Uint8Array.of(i) } });
    map[`t${i}`] = name;
  }
  await writeFile(join(folder, index), JSON.stringify({ weight_map: map }));
  return folder;
}

describe('openWeights', () => {
  it.each([
    [
      'diffusers',
      'diffusion_pytorch_model.fp16-0000X-of-00002.safetensors',
      'diffusion_pytorch_model.safetensors.index.fp16.json',
    ],
    ['transformers', 'model-0000X-of-00002.fp16.safetensors', 'model.fp16.safetensors.index.json'],
    ['a plain checkpoint', 'model-0000X-of-00002.safetensors', 'model.safetensors.index.json'],
  ])('takes the one variant that there is, in shards named as by %s', async (_, name, index) => {
    const folder = await shardsOf(
      ['1', '2'].map((number) => name.replace('X', number)),
      index,
    );
    const weights = await openWeights(folder);
    expect([...weights.entries.keys()]).toEqual(['t0', 't1']);
    await weights.close();
  });

  it('lists variants, not shards, where there are several', async () => {
    const folder = await shardsOf(['model.fp16-00001-of-00001.safetensors'], 'model.safetensors.index.fp16.json');
    await writeFile(join(folder, 'model.ema.safetensors'), '');
    await expect(openWeights(folder)).rejects.toThrow('choose one (--variant) (accepted: ema, fp16)');
  });

  it('calls a pointer of Git LFS that', async () => {
    const folder = await temporaryFolder();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`;
    await writeFile(join(folder, 'diffusion_pytorch_model.safetensors'), pointer);
    await expect(openWeights(folder)).rejects.toThrow('is a Git LFS pointer, not the file');
  });
});
