import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { tinyModel } from '@lascaux/model-fixtures';
import { encodeImage, readImageInformation } from '@lascaux/pipeline/image';
import { afterEach, describe, expect, it } from 'vitest';
import { serveMcp } from '../src/mcp/serve-stdio.js';
import { describeModel } from '../src/painting/served-model.js';
import { fakeServer, type FakeServer } from './support/fake-server.js';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const client = () => new Client({ name: 'test', version: '1' });
type Content = { type: string; data?: string; text?: string }[];
const imageOf = async (content: unknown) =>
  readImageInformation(new Uint8Array(Buffer.from((content as Content)[0]!.data!, 'base64')));

describe('tools over HTTP', () => {
  async function connect() {
    server = await fakeServer({ access: { apiKey: 'secret' } });
    const requestInit = { headers: { authorization: 'Bearer secret' } };
    const assistant = client();
    await assistant.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
    return assistant;
  }

  it('are three', async () => {
    const assistant = await connect();
    const { tools } = await assistant.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['generate_image', 'edit_image', 'list_models']);
    expect(tools[0]!.inputSchema.required).toEqual(['prompt']);
    const { content } = await assistant.callTool({ name: 'list_models' });
    expect(JSON.parse((content as Content)[0]!.text!)).toMatchObject([
      { name: 'tiny', steps: 4 },
      { name: 'owner/other' },
    ]);
    await assistant.close();
  });

  it('paint, edit, tell their progress and what was wrong', async () => {
    const assistant = await connect();
    const steps: number[] = [];
    const call = { name: 'generate_image', arguments: { prompt: 'a cat', seed: 3, num_inference_steps: 2 } };
    const painted = await assistant.callTool(call, undefined, { onprogress: ({ progress }) => steps.push(progress) });
    expect(await imageOf(painted.content)).toMatchObject({ width: 8, height: 8 });
    expect((painted.content as Content)[1]!.text).toBe('8x8, seed 3, 2 steps');
    expect(steps.at(-1)).toBe(2);

    const image = await encodeImage({ width: 8, height: 8, pixels: new Uint8Array(192) }, 'png');
    const base64 = Buffer.from(image).toString('base64');
    const edit = { prompt: 'a dog', image: base64, strength: 0.5 };
    expect((await assistant.callTool({ name: 'edit_image', arguments: edit })).isError).toBeUndefined();
    expect(server!.painter.requests[1]).toMatchObject({ prompt: 'a dog', strength: 0.5 });

    const wrong = await assistant.callTool({ name: 'generate_image', arguments: { prompt: 'a cat', size: '9x9' } });
    expect(wrong).toMatchObject({ isError: true });
    expect((wrong.content as Content)[0]!.text).toContain('width: must be a multiple of 2');
    await assistant.close();
  });

  it('need the key', async () => {
    server = await fakeServer({ access: { apiKey: 'secret' } });
    const reply = await server.app.inject({ method: 'POST', url: '/mcp', payload: {} });
    expect(reply.statusCode).toBe(401);
  });
});

/** The client's end of two streams. */
function streamTransport(input: PassThrough, output: PassThrough): Transport {
  const buffer = new ReadBuffer();
  const transport: Transport = {
    start: async () => {
      output.on('data', (chunk: Buffer) => {
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage())
          transport.onmessage?.(message);
      });
      return Promise.resolve();
    },
    send: async (message) => Promise.resolve(void input.write(serializeMessage(message))),
    close: async () => Promise.resolve(void input.end()),
  };
  return transport;
}

it('tools over standard input and output paint, and end with it', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const served = serveMcp({ models: [await describeModel(await tinyModel())], input, output });
  const assistant = client();
  await assistant.connect(streamTransport(input, output));
  const { content } = await assistant.callTool({ name: 'generate_image', arguments: { prompt: 'a cat' } });
  expect(await imageOf(content)).toMatchObject({ format: 'png', width: 8 });
  await assistant.close();
  await served;
});
