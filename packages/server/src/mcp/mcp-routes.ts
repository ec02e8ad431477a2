import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { FastifyPluginAsync } from 'fastify';
import { clientOf } from '../http/client-of.js';
import type { ServerParts } from '../server-parts.js';
import { paintingTools } from './tools.js';

/** `POST /mcp`: the Model Context Protocol over HTTP, each request for itself. */
export const mcpRoutes =
  (parts: ServerParts): FastifyPluginAsync =>
  async (app) => {
    app.post('/mcp', { schema: { hide: true } }, async (request, reply) => {
      const server = paintingTools(parts, clientOf(request));
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
      reply.raw.once('close', () => void server.close());
      reply.hijack();
      await server.connect(transport);
      await transport.handleRequest(request.raw, reply.raw, request.body);
    });
    return Promise.resolve();
  };
