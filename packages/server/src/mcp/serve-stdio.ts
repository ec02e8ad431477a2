import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { openPaintService, type PaintServiceOptions } from '../open-paint-service.js';
import { paintingTools } from './tools.js';

/** Options of {@link serveMcp}. */
export interface McpOptions extends PaintServiceOptions {
  /** Ends the conversation. */
  readonly signal?: AbortSignal;
  /** Default: the process' own. */
  readonly input?: Readable;
  readonly output?: Writable;
}

/** Speaks the Model Context Protocol over standard input and output until the other side closes it. */
export async function serveMcp({ signal, input = process.stdin, output, ...options }: McpOptions): Promise<void> {
  const { service, limits } = openPaintService(options);
  const server = paintingTools({ service, limits }, 'stdio');
  const transport = new StdioServerTransport(input, output);
  try {
    const ended = new Promise<void>((resolve) => {
      server.server.onclose = () => resolve();
      input.once('end', resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.connect(transport);
    await ended;
  } finally {
    await server.close();
    await service.close();
  }
}
