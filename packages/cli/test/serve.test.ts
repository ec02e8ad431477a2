import { tinyModel } from '@lascaux/model-fixtures';
import { readImageInformation } from '@lascaux/pipeline/image';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../src/cli.js';
import { runCaptured } from './support/captured-terminal.js';

let model: string;
beforeAll(async () => {
  model = await tinyModel();
});

/** The command while it runs, and what it printed. */
async function serve(...argv: string[]) {
  const controller = new AbortController();
  const results: string[] = [];
  const notes: string[] = [];
  const address = new Promise<string>((resolve, reject) => {
    const result = (line: string): void => {
      results.push(line);
      resolve(line);
    };
    const terminal = {
      result,
      note: (line: string) => notes.push(line),
      interactive: false,
      signal: controller.signal,
    };
    ended = runCommand(['serve', '--port', '0', '--model', model, '--log-level', 'silent', ...argv], terminal);
    void ended.then((code) => reject(new RangeError(`it ended with ${code}: ${notes.join(' ')}`)));
  });
  const url = await address;
  return { url, results, notes, stop: () => (controller.abort(), ended) };
}
let ended: Promise<number>;

describe('serve', () => {
  it('prints its address, paints, and stops when it is told to', async () => {
    const server = await serve();
    expect(server.results).toEqual([server.url]);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const reply = await fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a cat', seed: 3 }),
    });
    const { data } = (await reply.json()) as { data: { b64_json: string }[] };
    const image = await readImageInformation(new Uint8Array(Buffer.from(data[0]!.b64_json, 'base64')));
    expect(image.settings).toMatchObject({ prompt: 'a cat', values: { Seed: '3', Steps: '3' } });
    expect(await server.stop()).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow();
  }, 60_000);

  it.each([
    [['--port', '70000'], '--port: must be a whole number from 0 to 65535'],
    [['--queue', '0'], '--queue: must be a whole number from 1'],
    [['--model', '/nowhere'], '/nowhere'],
    [['--host', '0.0.0.0'], '--host: other machines may only paint here with an API key, got "0.0.0.0"'],
  ])('answers %j in one line', async (argv, line) => {
    const { exitCode, notes } = await runCaptured(['serve', ...argv]);
    expect(exitCode).toBe(2);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(line);
  });
});
