import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

const SIDE = 8;
let root: string;
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-train-data-'));
  for (const i of [0, 1, 2, 3]) {
    const bytes = new Uint8Array(3 * SIDE * SIDE).fill(60 * i);
    await writePng(at(`${i}.png`), bytes, { height: SIDE, width: SIDE });
  }
  await cp(at('0.png'), at('plain', '0.png'));
  await cp(at('1.png'), at('plain', '1.png'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const train = async (part: string, data: string, out: string, ...more: string[]) => {
  const config = at('config.json');
  await writeFile(
    config,
    JSON.stringify({ network: { block_out_channels: [4], norm_num_groups: 4, latent_channels: 4 } }),
  );
  const flags = part === 'vae' ? ['--config', config] : [];
  const fast = ['--threads', '1', '--engine', 'onnx', '--device', 'cpu', '--batch-size', '2', '--size', '8'];
  return runCaptured([
    'train',
    part,
    '--data',
    at(data),
    '--out',
    at(out),
    ...fast,
    ...flags,
    '--images',
    '4',
    ...more,
  ]);
};

describe('the pictures of a training', { timeout: 120_000 }, () => {
  it('are counted, with what is left out and what is transparent', async () => {
    await cp(at('plain'), at('mixed'), { recursive: true });
    await writeFile(at('mixed', 'a.heic'), 'x');
    const half = {
      create: { width: SIDE, height: SIDE, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0.5 } },
    } as const;
    await sharp(half).png().toFile(at('mixed', 'b.png'));
    const run = await train('vae', 'mixed', 'run-mixed');
    expect(run.exitCode).toBe(0);
    expect(run.notes[0]).toBe(
      'data: 3 images; left out: 1 .heic file (a.heic; HEIC is not supported, convert it to JPEG)',
    );
    const notes = run.notes.filter((note) => note.includes('transparent'));
    expect(notes).toEqual([expect.stringMatching(/^note: .*b\.png has transparent parts: white is laid behind them/)]);
  });

  it('must be those of the run that is resumed', async () => {
    await cp(at('plain'), at('changing'), { recursive: true });
    expect((await train('vae', 'changing', 'run')).exitCode).toBe(0);
    const resume = () => train('vae', 'changing', 'run', '--resume');
    expect((await resume()).exitCode).toBe(0);
    await cp(at('2.png'), at('changing', '2.png'));
    const more = await resume();
    expect(more.exitCode).toBe(2);
    expect(more.notes.at(-1)).toMatch(/--resume: the run in .*run was trained on other images: 2 then, 3 now, got /);
    await rm(at('changing', '1.png'));
    expect((await resume()).notes.at(-1)).toContain('as many (2), but other names');
    await cp(at('plain', '1.png'), at('changing', '1.png'));
    await rm(at('changing', '2.png'));
    await writePng(at('changing', '1.png'), new Uint8Array(3 * 64 * 64).fill(7), { height: 64, width: 64 });
    expect((await resume()).notes.at(-1)).toContain('the same names, but files of other lengths');
  });

  it('have their captions in the column that is named', async () => {
    await cp(at('plain'), at('columns'), { recursive: true });
    const rows = ['{"file_name":"0.png","caption":"a cat"}', '{"file_name":"1.png","caption":""}'];
    await writeFile(at('columns', 'metadata.jsonl'), rows.join('\n'));
    const refused = await train('text-encoder', 'columns', 'run-columns');
    expect(refused.notes.at(-1)).toContain('or another caption column: caption)');
    const wrong = await train('text-encoder', 'columns', 'run-columns', '--caption-column', 'title');
    expect(wrong.notes.at(-1)).toContain('the caption column must be one of caption, got "title"');
    const layers = {
      hidden_size: 8,
      intermediate_size: 8,
      projection_dim: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
    };
    await writeFile(
      at('clip.json'),
      JSON.stringify({ text: layers, vision: { ...layers, patch_size: 4 }, maxLength: 8 }),
    );
    const named = ['--caption-column', 'caption', '--config', at('clip.json')];
    const run = await train('text-encoder', 'columns', 'run-columns', ...named);
    expect(run.notes.filter((note) => note.startsWith('error'))).toEqual([]);
    expect(run.notes[0]).toBe('data: 2 images, captions: 1 from metadata, 1 without');
    const other = ['{"file_name":"0.png","caption":"a dog"}', '{"file_name":"1.png","caption":""}'];
    await writeFile(at('columns', 'metadata.jsonl'), other.join('\n'));
    const resumed = await train('text-encoder', 'columns', 'run-columns', ...named, '--resume');
    expect(resumed.notes.at(-1)).toContain('the same files, but other captions');
  });
});
