import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import { readSafetensors } from '@lascaux/nn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

const SIDE = 16;
const COLOURS = { red: [220, 40, 40], green: [40, 200, 60], blue: [40, 60, 220] } as const;
let root: string;
let data: string;

/** Twelve pictures: a square of one of three colours on white, a step further to the right each. */
async function writePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows: string[] = [];
  for (let i = 0; i < 12; i++) {
    const [name, colour] = Object.entries(COLOURS)[i % 3]!;
    const bytes = new Uint8Array(3 * SIDE * SIDE).fill(255);
    for (let y = 4; y < 12; y++)
      for (let x = 4; x < 12; x++) bytes.set(colour, 3 * (y * SIDE + ((x + Math.floor(i / 3)) % SIDE)));
    await writePng(join(folder, `${i}.png`), bytes, { height: SIDE, width: SIDE });
    rows.push(JSON.stringify({ file_name: `${i}.png`, text: `a ${name} square` }));
  }
  await writeFile(join(folder, 'metadata.jsonl'), rows.join('\n'));
}

const writeConfig = async (name: string, config: object): Promise<string> => {
  const path = join(root, `${name}.json`);
  await writeFile(path, JSON.stringify(config));
  return path;
};
const fast = ['--threads', '1', '--engine', 'onnx', '--device', 'cpu', '--batch-size', '4'];
const common = (out: string): string[] => ['--data', data, '--out', join(root, out), ...fast];
const vaeFlags = async (out: string): Promise<string[]> => [
  ...common(out),
  ...[
    '--size',
    '16',
    '--config',
    await writeConfig('vae', { network: { block_out_channels: [4, 8], norm_num_groups: 4, latent_channels: 4 } }),
  ],
];
const weightsOf = async (folder: string): Promise<Buffer> =>
  readFile(join(root, folder, 'diffusion_pytorch_model.safetensors'));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lascaux-train-'));
  data = join(root, 'data');
  await writePictures(data);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('train', () => {
  it('trains the three parts, and the model paints', async () => {
    const vae = await runCaptured(['train', 'vae', ...(await vaeFlags('vae')), '--images', '16']);
    expect(vae.notes.join('\n')).toContain('engine: onnx on cpu');
    expect(vae.exitCode).toBe(0);
    expect(vae.results).toHaveLength(1);
    expect(vae.results[0]).toMatch(/vae\/model: 16 images, [\d.]+ images\/s, [\d.]+ GFLOP\/s = \d+ % of the limit/);

    const layers = {
      hidden_size: 16,
      intermediate_size: 32,
      projection_dim: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
    };
    const clip = await writeConfig('clip', { text: layers, vision: { ...layers, patch_size: 8 }, maxLength: 8 });
    const flags = [...common('text'), '--size', '16', '--config', clip, '--images', '16'];
    const text = await runCaptured(['train', 'text-encoder', ...flags]);
    expect(text.notes.filter((note) => note.startsWith('error'))).toEqual([]);
    expect(text.exitCode).toBe(0);

    const unet = await writeConfig('unet', {
      network: { block_out_channels: [8], norm_num_groups: 4, attention_head_dim: 2 },
    });
    const stages = ['--vae', join(root, 'vae'), '--text-encoder', join(root, 'text', 'model')];
    const denoiser = await runCaptured([
      'train',
      'denoiser',
      ...common('run'),
      ...stages,
      '--config',
      unet,
      '--images',
      '16',
    ]);
    expect(denoiser.notes.filter((note) => note.startsWith('error'))).toEqual([]);
    expect(denoiser.exitCode).toBe(0);
    expect(await readdir(join(root, 'run', 'samples'))).toContain('00000016.png');
    const captions = await readFile(join(root, 'run', 'samples', 'captions.txt'), 'utf8');
    expect(captions.trim().split('\n')).toHaveLength(3);

    const model = join(root, 'run', 'model');
    const index = JSON.parse(await readFile(join(model, 'model_index.json'), 'utf8')) as { _lascaux: object };
    expect(index._lascaux).toEqual({ steps: 20, guidance: 3, size: 16 });
    const out = join(root, 'red.png');
    const painted = await runCaptured([
      'generate',
      'a red square',
      '--model',
      model,
      '--out',
      out,
      '--seed',
      '1',
      '--steps',
      '2',
    ]);
    expect(painted.notes).toEqual([]);
    expect(painted.exitCode).toBe(0);
    expect((await readFile(out)).subarray(1, 4).toString()).toBe('PNG');

    // A warm start with the encoder frozen changes the decoder alone, and keeps how latents are scaled.
    const initial = ['--initial', model, '--freeze-encoder', '--rate', '0.01'];
    const refined = await runCaptured(['train', 'vae', ...common('refined'), ...initial, '--images', '16']);
    expect(refined.notes.filter((note) => note.startsWith('error'))).toEqual([]);
    expect(await weightsOf('refined/model/vae_encoder')).toEqual(await weightsOf('vae/model/vae_encoder'));
    expect(await weightsOf('refined/model/vae_decoder')).not.toEqual(await weightsOf('vae/model/vae_decoder'));
    const configOf = (folder: string) => readFile(join(root, folder, 'vae_decoder', 'config.json'), 'utf8');
    expect(JSON.parse(await configOf('refined/model'))).toEqual(JSON.parse(await configOf('vae/model')));
  }, 300_000);

  it('stops on Ctrl-C with a checkpoint, and goes on to the weights of a run that never stopped', async () => {
    const flags = [...(await vaeFlags('whole')), '--images', '24', '--seed', '3'];
    expect((await runCaptured(['train', 'vae', ...flags])).exitCode).toBe(0);
    const controller = new AbortController();
    const out = join(root, 'stopped');
    const again = [...(await vaeFlags('stopped')), '--images', '24', '--seed', '3'];
    const watch = setInterval(() => {
      void readFile(join(out, 'options.json')).then(
        () => controller.abort(),
        () => undefined,
      );
    }, 5);
    const stopped = await runCaptured(['train', 'vae', ...again], controller.signal);
    clearInterval(watch);
    // A fast machine may be done before the signal arrives; then there is nothing to resume.
    if (stopped.exitCode !== 0) {
      expect(stopped.exitCode).toBe(130);
      expect(stopped.notes.at(-1)).toMatch(
        /^interrupted: saved after \d+ images; go on with: npx lascaux train vae --data .* --resume$/,
      );
      expect(stopped.notes.filter((note) => /saved|interrupted/.test(note))).toHaveLength(1);
      const { resume } = JSON.parse(await readFile(join(out, 'data.json'), 'utf8')) as { resume: string };
      expect(stopped.notes.at(-1)).toMatch(resume);
      const early = await runCaptured(['train', 'vae', ...common('early'), '--initial', out]);
      expect(early.notes.at(-1)).toContain(
        `--initial: holds a training of vae that is not finished; go on with: ${resume}`,
      );
    }
    const resumed = await runCaptured(['train', 'vae', ...common('stopped'), '--resume']);
    expect(resumed.notes.filter((note) => note.startsWith('error'))).toEqual([]);
    const parameters = async (run: string) =>
      (await readSafetensors(join(root, run, 'checkpoints', 'images-000000000024.safetensors'))).tensors;
    expect(await parameters('stopped')).toEqual(await parameters('whole'));
  }, 300_000);

  it('answers what does not fit with one line that names it', async () => {
    const plain = join(root, 'plain');
    await mkdir(plain, { recursive: true });
    await writeFile(join(plain, '0.png'), await readFile(join(data, '0.png')));
    const typo = await writeConfig('typo', { betta: 2 });
    const deep = await writeConfig('deep', { process: { betas: 1 } });
    const network = await writeConfig('network', { network: { act: 'silu' } });
    const value = await writeConfig('value', { rate: 'high' });
    const out = (name: string): string[] => ['--out', join(root, name)];
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [
        ['train', 'clip', '--data', data],
        /train: no such command, got "clip" \(accepted: vae, text-encoder, denoiser\)/,
      ],
      [['train', 'vae', ...out('a')], /--data/],
      [['train', 'vae', '--data', data, '--out', ''], /--out: must name a folder/],
      [
        ['train', 'vae', '--data', data, ...out('data/0.png')],
        /--out: must be a folder, and this is a file, got .*0.png/,
      ],
      [['train', 'vae', '--data', data, ...out('data/0.png/run')], /--out: must be a folder.*0.png"/],
      [['train', 'vae', '--data', join(root, 'nowhere'), ...out('a')], /--data: .*nowhere/],
      [['train', 'text-encoder', '--data', plain, ...out('a')], /--data: a text-encoder needs captions/],
      [['train', 'vae', '--data', join(root, 'none.tar'), ...out('a')], /--data: webdataset: must be a readable tar/],
      [['train', 'vae', '--data', data, ...out('a'), '--size', '20'], /--size: must be a multiple of 8, got 20/],
      [
        ['train', 'vae', '--data', data, ...out('a'), '--config', typo],
        /typo\.json: unknown key, got "betta" \(accepted: .*beta/,
      ],
      [
        ['train', 'vae', '--data', data, ...out('a'), '--config', network],
        /network\.json: network: unknown key, got "act"/,
      ],
      [['train', 'vae', '--data', data, ...out('a'), '--config', value], /value\.json: rate: /],
      [['train', 'vae', '--data', data, ...out('a'), '--config', join(root, 'no.json')], /--config: no such file/],
      [['train', 'vae', '--data', data, ...out('a'), '--freeze-encoder'], /--freeze-encoder: needs the option initial/],
      [['train', 'vae', '--data', data, ...out('a'), '--engine', 'torch'], /--engine: no such engine/],
      [
        ['train', 'denoiser', '--data', data, ...out('a'), '--vae', plain, '--text-encoder', plain, '--config', deep],
        /unknown key, got "process.betas"/,
      ],
      [
        ['train', 'denoiser', '--data', data, ...out('a'), '--vae', plain, '--text-encoder', plain],
        /--vae: holds no vae_encoder/,
      ],
      [['train', 'vae', '--data', data, ...out('vae')], /--out: already holds a run/],
      [['train', 'text-encoder', '--data', data, ...out('vae'), '--resume'], /--out: holds a run of vae/],
      [
        ['train', 'vae', '--data', data, ...out('vae'), '--resume', '--rate', '0.5'],
        /--resume: the run in .*vae has rate 0.003, got 0.5/,
      ],
    ];
    for (const [argv, message] of cases) {
      const { exitCode, notes } = await runCaptured(argv);
      expect(notes.at(-1)).toMatch(message);
      expect(notes.filter((note) => note.startsWith('error'))).toHaveLength(1);
      expect(exitCode, argv.join(' ')).toBe(2);
    }
    const checkpoints = join(root, 'vae', 'checkpoints');
    for (const name of await readdir(checkpoints))
      if (name.endsWith('.safetensors')) await truncate(join(checkpoints, name), 500);
    const corrupt = await runCaptured(['train', 'vae', ...common('vae'), '--resume']);
    expect(corrupt.exitCode).toBe(1);
    expect(corrupt.notes.at(-1)).toContain('images-000000000016.safetensors');
  }, 300_000);
});
