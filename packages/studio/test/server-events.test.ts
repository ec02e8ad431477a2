import { expect, it } from 'vitest';
import { serverEvents } from '../page/backend/server-events.js';

/** A response whose body arrives in these parts. */
function responseOf(parts: readonly string[]): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      controller.close();
    },
  });
  return new Response(body);
}

async function read(parts: readonly string[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const event of serverEvents(responseOf(parts))) seen.push(event);
  return seen;
}

it('events are read wherever their bytes are cut, with signs of life between them', async () => {
  const text =
    ': painting\n\nevent: a\ndata: {"type":"a"}\n\n: waiting\n\ndata: {"type":\ndata: "b"}\n\ndata: [DONE]\n\n';
  expect(await read([text])).toEqual([{ type: 'a' }, { type: 'b' }]);
  expect(await read([...text])).toEqual([{ type: 'a' }, { type: 'b' }]);
  expect(await read([text.replaceAll('\n', '\r\n')])).toEqual([{ type: 'a' }, { type: 'b' }]);
});

it('an event that says what went wrong is an error', async () => {
  await expect(read(['event: error\ndata: {"error":{"message":"it broke"}}\n\n'])).rejects.toThrow('it broke');
});
