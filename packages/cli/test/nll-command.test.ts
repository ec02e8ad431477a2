import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import { networkModel, temporaryFolder } from '@lascaux/model-fixtures';
import { describe, expect, it } from 'vitest';
import { runCaptured } from './support/captured-terminal.js';

describe('evaluate nll', () => {
  it('prints every bound of a model and writes a page', async () => {
    const [model, data] = [await networkModel(), await temporaryFolder()];
    for (const [i, shade] of [40, 200].entries()) {
      await writePng(join(data, `${i}.png`), new Uint8Array(16 * 16 * 3).fill(shade), { width: 16, height: 16 });
      await writeFile(join(data, `${i}.txt`), 'a red cat');
    }
    const report = join(data, 'page.html');
    const run = ['evaluate', 'nll', data, '--model', model, '--size', '16', '--timesteps', '2', '--k', '2'];
    const { exitCode, results, notes } = await runCaptured([...run, '--json', '--report', report]);
    expect(notes).toEqual([]);
    expect(exitCode).toBe(0);
    const json = JSON.parse(results[0]!) as Record<string, Record<string, unknown>>;
    expect(json).toMatchObject({ metric: 'nll', pictures: 2, latent: { conditioned: true, timesteps: 1000 } });
    expect(json.autoencoder).toMatchObject({ dimensions: 768, samples: 2 });
    expect(json.perPicture).toBeUndefined();
    expect(await readFile(report, 'utf8')).toContain('Rate and distortion');
    // What one part draws does not depend on the others.
    const { autoencoder } = JSON.parse(
      (await runCaptured([...run, '--only', 'autoencoder', '--json'])).results[0]!,
    ) as typeof json;
    expect(autoencoder).toEqual(json.autoencoder);
  }, 120_000);

  it.each([
    [[], "missing required argument 'A'"],
    [['no-such-folder'], 'no-such-folder'],
    [['.', '--timesteps', 'few'], '--timesteps: must be a whole number'],
    [['.', '--only', 'fid'], 'autoencoder, latent, joint'],
    [['.', '--report', 'page.txt'], '--report: must end in .html'],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, notes } = await runCaptured(['evaluate', 'nll', ...flags]);
    expect(notes.join()).toContain(message);
    expect(exitCode).toBe(2);
  });
});
