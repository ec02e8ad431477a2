import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@lascaux/model-fixtures';
import { mergeLoras } from '@lascaux/models/lora';
import { readSafetensors, readSafetensorsHeader, writeSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { beforeEach, describe, expect, it } from 'vitest';

const f32 = (shape: readonly number[], values: readonly number[]): SafetensorsTensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
});
const filled = (shape: readonly number[], value: number): SafetensorsTensor =>
  f32(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => value));

let home: string;
let folders: Record<string, string>;
beforeEach(async () => {
  home = await temporaryFolder();
  folders = { denoiser: join(home, 'unet'), text_encoder: join(home, 'text_encoder') };
  for (const folder of Object.values(folders)) await mkdir(folder);
  await writeSafetensors(join(folders.denoiser!, 'diffusion_pytorch_model.safetensors'), {
    'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight': filled([2, 3], 1),
    'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0.weight': filled([2, 2], 1),
    'down_blocks.0.resnets.0.conv1.weight': filled([2, 1, 3, 3], 1),
    'down_blocks.0.resnets.1.conv1.weight': filled([2, 1, 3, 3], 1),
    'mid_block.attentions.0.proj_in.weight': { dtype: 'F16', shape: [2, 2], data: Uint16Array.of(0x3c00, 0x3c00, 0x3c00, 0x3c00) },
    'conv_in.bias': filled([2], 5),
  });
  await writeSafetensors(join(folders.text_encoder!, 'model.safetensors'), {
    'text_model.encoder.layers.0.self_attn.q_proj.weight': filled([2, 2], 1),
  });
});

async function lora(tensors: Readonly<Record<string, SafetensorsTensor>>): Promise<string> {
  const path = join(home, 'lora.safetensors');
  await writeSafetensors(path, tensors);
  return path;
}

/** The numbers of a weight after merging. */
async function after(path: string, name: string, { component = 'denoiser', strength = 1 } = {}): Promise<number[]> {
  const merged = (await mergeLoras([{ path, strength }], folders)).get(component)!;
  const { entries } = await readSafetensorsHeader(join(folders[component]!, merged.path));
  const { dtype, offset, length } = entries.get(name)!;
  const bytes = merged.data.slice(offset, offset + length).buffer;
  return [...(dtype === 'F16' ? new Uint16Array(bytes) : new Float32Array(bytes))];
}

const Q = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight';
const down = f32([1, 3], [1, 2, 3]);
const up = f32([2, 1], [10, 20]);
const product = [10, 20, 30, 20, 40, 60];

describe('a LoRA', () => {
  it.each([
    ['lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q', 'lora_down.weight', 'lora_up.weight'],
    ['lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q', 'lora_down.weight', 'lora_up.weight'],
    ['unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q', 'lora_A.weight', 'lora_B.weight'],
    ['unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q', 'lora.down.weight', 'lora.up.weight'],
    ['diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q', 'lora_A.weight', 'lora_B.weight'],
  ])('is added under the name %s.%s', async (module, first, second) => {
    const path = await lora({ [`${module}.${first}`]: down, [`${module}.${second}`]: up });
    expect(await after(path, Q)).toEqual(product.map((value) => 1 + value));
  });

  it('under the names of attention processors', async () => {
    const name = 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor';
    const path = await lora({
      [`${name}.to_out_lora.down.weight`]: f32([1, 2], [1, 2]),
      [`${name}.to_out_lora.up.weight`]: up,
    });
    expect(await after(path, Q.replace('to_q', 'to_out.0'))).toEqual([11, 21, 21, 41]);
  });

  it('is scaled by alpha over its rank and by its strength', async () => {
    const module = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
    const path = await lora({
      [`${module}.lora_down.weight`]: f32([2, 3], [1, 2, 3, 0, 0, 0]),
      [`${module}.lora_up.weight`]: f32([2, 2], [10, 0, 20, 0]),
      [`${module}.alpha`]: f32([], [1]),
    });
    expect(await after(path, Q, { strength: 0.5 })).toEqual(product.map((value) => 1 + value / 4));
  });

  it('is added to convolutions, to half precision, and to text encoders', async () => {
    const path = await lora({
      'lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight': filled([1, 1, 3, 3], 2),
      'lora_unet_down_blocks_0_resnets_0_conv1.lora_up.weight': f32([2, 1, 1, 1], [1, 3]),
      'lora_unet_middle_block_1_proj_in.lora_down.weight': f32([1, 2, 1, 1], [1, 0]),
      'lora_unet_middle_block_1_proj_in.lora_up.weight': f32([2, 1, 1, 1], [1, 3]),
      'lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': f32([1, 2], [1, 2]),
      'lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight': f32([2, 1], [1, 1]),
    });
    expect(await after(path, 'down_blocks.0.resnets.0.conv1.weight')).toEqual([...Array<number>(9).fill(3), ...Array<number>(9).fill(7)]);
    expect(await after(path, 'mid_block.attentions.0.proj_in.weight')).toEqual([0x4000, 0x3c00, 0x4400, 0x3c00]);
    const query = 'text_model.encoder.layers.0.self_attn.q_proj.weight';
    expect(await after(path, query, { component: 'text_encoder' })).toEqual([2, 3, 2, 3]);
    const { tensors } = await readSafetensors(join(folders.denoiser!, 'diffusion_pytorch_model.safetensors'));
    expect([...(tensors.get('conv_in.bias')!.data as Float32Array)]).toEqual([5, 5]);
  });

  it('gives rows or columns their lengths where it has such (DoRA)', async () => {
    const module = 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q';
    const layer = { [`${module}.lora_A.weight`]: filled([1, 3], 0), [`${module}.lora_B.weight`]: up };
    const rows = await lora({ ...layer, [`${module}.dora_scale`]: f32([2, 1], [Math.sqrt(3), 2 * Math.sqrt(3)]) });
    (await after(rows, Q)).forEach((value, i) => expect(value).toBeCloseTo(i < 3 ? 1 : 2, 6));
    const columns = await lora({ ...layer, [`${module}.dora_scale`]: f32([1, 3], [1, 2, 3].map((n) => n * Math.SQRT2)) });
    (await after(columns, Q)).forEach((value, i) => expect(value).toBeCloseTo((i % 3) + 1, 6));
  });

  it.each([
    [{ 'lora_unet_nothing.lora_down.weight': down, 'lora_unet_nothing.lora_up.weight': up }, 'is for another model: this one has no layer of that name, got "lora_unet_nothing"'],
    [{ 'lora_unet_x.hada_w1_a': down }, 'belongs to no LoRA of the known forms, got "lora_unet_x.hada_w1_a"'],
    [{ 'unet.x.lora_A.weight': down }, 'a layer lacks one of its two matrices, got "unet.x"'],
    [{ 'unet.x.lora_A.weight': down, 'unet.x.lora_B.weight': f32([2, 2], [1, 1, 1, 1]) }, 'must meet in a rank from 1 to 4096'],
    [{ 'unet.x.lora_A.weight': f32([1, 3], [1, NaN, 1]), 'unet.x.lora_B.weight': up }, 'every number must be finite, got "unet.x.lora_A.weight"'],
    [
      { 'lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': down, 'lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight': up },
      'must fit weights of [2, 2], got "[2, 1] and [1, 3]"',
    ],
  ])('that does not fit is refused in a line', async (tensors, message) => {
    const path = await lora(tensors);
    await expect(mergeLoras([{ path }], folders)).rejects.toThrow(message);
  });

  it('needs weights in a file of their own', async () => {
    const path = await lora({ 'unet.x.lora_A.weight': down, 'unet.x.lora_B.weight': up });
    const empty = await temporaryFolder();
    await expect(mergeLoras([{ path }], { denoiser: empty })).rejects.toThrow('must keep its weights in one safetensors file');
  });

  it('changes no file', async () => {
    const file = join(folders.denoiser!, 'diffusion_pytorch_model.safetensors');
    const before = await readFile(file);
    const module = 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q';
    await after(await lora({ [`${module}.lora_A.weight`]: down, [`${module}.lora_B.weight`]: up }), Q);
    expect(before.equals(await readFile(file))).toBe(true);
  });
});
