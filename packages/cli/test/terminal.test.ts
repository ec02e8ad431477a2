import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, tinyModel } from '@lascaux/model-fixtures';
import { encodeImage } from '@lascaux/pipeline/image';
import { printableLines } from '../src/commands/terminal.js';
import { runCaptured } from './support/captured-terminal.js';

const script = fileURLToPath(new URL('support/command-process.ts', import.meta.url));

/** Runs the command line as a process of its own; without a reader, its standard output is closed at once. */
async function run(argv: readonly string[], stdout: 'no reader' | number): Promise<{ code: number; notes: string }> {
  const stdio: StdioOptions = ['ignore', stdout === 'no reader' ? 'pipe' : stdout, 'pipe'];
  const child = spawn(process.execPath, ['--conditions=@lascaux/source', '--import', 'tsx', script, ...argv], {
    stdio,
  });
  child.stdout?.destroy();
  const [notes, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit') as Promise<[number]>]);
  return { code, notes };
}

describe('what is printed', () => {
  it('steers no terminal, whatever a caption or a name holds', () => {
    expect(printableLines('a \u001b[2J\u009b1m\r\nb\u0007')).toBe('a \\u001b[2J\\u009b1m\\r\nb\\u0007');
    expect(JSON.parse(printableLines(JSON.stringify({ a: '\u009b\u202e é' })))).toEqual({ a: '\u009b\u202e é' });
  });

  it('shows the settings inside an image line by line, whatever they hold', async () => {
    const path = join(await temporaryFolder(), 'a.png');
    const image = { width: 1, height: 1, pixels: new Uint8Array(3) };
    const settings = 'a\u001b[2J cat\nSteps: 3\nSteps: 1, Sampler: x, Seed: 2, Size: 1x1';
    await writeFile(path, await encodeImage(image, 'png', settings));
    const { results } = await runCaptured(['info', path]);
    expect(
      results
        .join('\n')
        .split('\n')
        .filter((line) => line.startsWith('prompt')),
    ).toEqual(['prompt: a\\u001b[2J cat\\nSteps: 3']);
  });
});

describe('standard output', () => {
  it('whose reader left early costs no picture and no word', async () => {
    const [model, folder] = [await tinyModel(), await temporaryFolder()];
    const argv = ['generate', 'a cat', '--model', model, '--count', '3', '--out', join(folder, 'cat.png')];
    expect(await run(argv, 'no reader')).toEqual({ code: 0, notes: '' });
    expect((await readdir(folder)).sort()).toEqual(['cat-1.png', 'cat-2.png', 'cat-3.png']);
  }, 60_000);

  it.skipIf(!existsSync('/dev/full'))(
    'that is full is an error of one line, after the work is done',
    async () => {
      const [model, folder] = [await tinyModel(), await temporaryFolder()];
      const full = openSync('/dev/full', 'w');
      try {
        const { code, notes } = await run(
          ['generate', 'a cat', '--model', model, '--out', join(folder, 'cat.png')],
          full,
        );
        expect(notes).toMatch(/^error: standard output: cannot be written: ENOSPC.*\n$/);
        expect(code).toBe(1);
        expect(await readdir(folder)).toEqual(['cat.png']);
      } finally {
        closeSync(full);
      }
    },
    60_000,
  );
});
