import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';
import { readSafetensorsHeader, writeSafetensors } from '@lascaux/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

let model: string;
let folder: string;
let lora: string;

beforeAll(async () => {
  model = await networkModel();
  folder = await temporaryFolder();
  lora = join(folder, 'ink.safetensors');
  const { entries } = await readSafetensorsHeader(join(model, 'unet', 'diffusion_pytorch_model.safetensors'));
  // What is trained begins with zeros there, so that nothing before it shows.
  const [rows, columns, height, width] = entries.get('conv_out.weight')!.shape as [number, number, number, number];
  const down = Float32Array.from({ length: columns * height * width }, (_, i) => Math.sin(i));
  await writeSafetensors(lora, {
    'lora_unet_conv_out.lora_down.weight': { dtype: 'F32', shape: [1, columns, height, width], data: down },
    'lora_unet_conv_out.lora_up.weight': {
      dtype: 'F32',
      shape: [rows, 1, 1, 1],
      data: new Float32Array(rows).fill(0.1),
    },
  });
});

/** Bytes of the image's pixels, which are all that its settings are not. */
async function painted(prompt: string, ...flags: readonly string[]): Promise<{ pixels: string; settings: string }> {
  const out = join(await temporaryFolder(), 'x.png');
  const { exitCode, notes } = await runCaptured([
    'generate',
    prompt,
    '--model',
    model,
    '--seed',
    '1',
    '--out',
    out,
    ...flags,
  ]);
  expect([exitCode, notes]).toEqual([0, []]);
  const png = await readFile(out);
  const begin = png.indexOf('IDAT');
  return {
    pixels: png.subarray(begin, png.indexOf('IEND')).toString('base64'),
    settings: png.subarray(0, begin).toString('latin1'),
  };
}

async function refused(...flags: readonly string[]): Promise<string> {
  const out = join(await temporaryFolder(), 'x.png');
  const { exitCode, notes } = await runCaptured(['generate', ...flags, '--model', model, '--out', out]);
  return `${exitCode} ${notes.join()}`;
}

describe('a LoRA on the command line', () => {
  it('changes the image by its strength, and stands in its settings', async () => {
    const plain = await painted('a cat');
    const none = await painted('a cat', '--lora', `${lora}:0`);
    const some = await painted('a cat', '--lora', lora);
    expect(none.pixels).toBe(plain.pixels);
    expect(some.pixels).not.toBe(plain.pixels);
    expect(some.settings).toContain('Lora: "ink: 1"');
    expect((await painted('a cat', '--lora', `${lora}:0.5`, '--lora', `${lora}:0.5`)).pixels).toBe(some.pixels);
  });

  it('is taken from the prompt where a folder is named', async () => {
    const some = await painted('a cat', '--lora', `${lora}:0.5`);
    const tagged = await painted('a <lora:ink:0.5> cat', '--lora-dir', folder);
    expect(tagged.pixels).toBe(some.pixels);
    expect(tagged.settings).toContain('Lora: "ink: 0.5"');
  });

  it('that is not there, or has no strength, is named', async () => {
    expect(await refused('a <lora:inc:1> cat', '--lora-dir', folder)).toBe(
      `2 error: <lora:inc>: there is no such file in ${folder} (nearest: ink)`,
    );
    expect(await refused('a <lora:ink:much> cat', '--lora-dir', folder)).toBe(
      '2 error: <lora:ink:much>: the strength must be a number, got "much"',
    );
    expect(await refused('a cat <lora:ink:1>', '--lora-dir', join(folder, 'none'))).toContain(
      '--lora-dir: must be a folder of LoRAs',
    );
    expect(await refused('a cat', '--lora', `${lora}:11`)).toContain(
      '--lora: the strength must be a number from -10 to 10, got "11"',
    );
  });
});
