import { PageError } from './errors.js';

/** An event of a server: its data as it was sent. */
export type ServerEvent = Readonly<Record<string, unknown>> & { readonly type?: string };

/**
 * The events of a response, as they arrive (HTML Standard, "Server-sent events").
 * @throws PageError where an event says what went wrong
 */
export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent> {
  let rest = '';
  const text = response.body!.pipeThrough(new TextDecoderStream());
  for await (const part of text) {
    const blocks = (rest + part).split(/\r?\n\r?\n/);
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

/** The data of one event; undefined for signs of life. */
function eventOf(block: string): ServerEvent | undefined {
  const lines = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  const data = lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n');
  if (data === '' || data === '[DONE]') return undefined;
  const event = JSON.parse(data) as ServerEvent;
  if (event.error !== undefined) throw new PageError((event.error as { message: string }).message);
  return event;
}
