import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { VERSION } from '@lascaux/nn';
import { z } from 'zod';
import { bytesOfText } from '../http/image-text.js';
import { base64Of } from '../http/image-encoding.js';
import { paintRequestOf } from '../openai/image-order.js';
import { imageParameters } from '../openai/image-parameters.js';
import { readSource } from '../openai/source-image.js';
import { modelNamed } from '../painting/model-pool.js';
import type { PaintedImage, PaintRequest } from '../painting/painter.js';
import type { ServedModel } from '../painting/served-model.js';
import type { ServerParts } from '../server-parts.js';
import { GENERATE_OPTIONS } from '@lascaux/pipeline/options';

/** What tools work with. */
export type ToolParts = Pick<ServerParts, 'service' | 'limits'>;

/** What a tool is told about its call. */
interface ToolCall {
  readonly signal: AbortSignal;
  readonly _meta?: { readonly progressToken?: string | number };
  sendNotification(notification: {
    method: 'notifications/progress';
    params: { progressToken: string | number; progress: number; total: number };
  }): Promise<void>;
}

/** An MCP server with the tools `generate_image`, `edit_image` and `list_models`. @param client whose turn it is in the queue */
export function paintingTools(parts: ToolParts, client: string): McpServer {
  const { service, limits } = parts;
  const server = new McpServer({ name: 'lascaux', version: VERSION });
  const { model, n, size, negative_prompt, num_inference_steps, guidance_scale, seed, sampler } =
    imageParameters(limits);
  const common = { model, n, size, negative_prompt, num_inference_steps, guidance_scale, seed, sampler };
  const prompt = z.string().max(limits.promptCharacters);

  server.registerTool(
    'generate_image',
    {
      title: 'Paint an image',
      description: 'Paints images of a text. Leave out what the user did not ask for: the model has good defaults.',
      inputSchema: { prompt: prompt.describe(GENERATE_OPTIONS.prompt.help), ...common },
    },
    (given, call) =>
      answered(async () => {
        const chosen = modelNamed(service.pool.models, given.model);
        const request = paintRequestOf(given, { model: chosen, limits });
        return paint(parts, { model: chosen, request, count: given.n ?? 1, client, call: call });
      }),
  );

  server.registerTool(
    'edit_image',
    {
      title: 'Paint an image anew',
      description: 'Repaints an image by a text: all of it, or where it, or the mask, is transparent.',
      inputSchema: {
        prompt: prompt.describe('What the image shall show.'),
        image: z.string().describe('A PNG, JPEG or WebP as base64.'),
        mask: z.string().optional().describe('A PNG as base64, transparent where the image is repainted.'),
        strength: GENERATE_OPTIONS.strength.schema.optional().describe(GENERATE_OPTIONS.strength.help),
        ...common,
      },
    },
    (given, call) =>
      answered(async () => {
        const chosen = modelNamed(service.pool.models, given.model);
        const image = bytesOfText(given.image, 'image');
        const mask = given.mask === undefined ? undefined : bytesOfText(given.mask, 'mask');
        const { size: standard, ...source } = await readSource(
          { image, mask, size: given.size },
          { model: chosen, limits },
        );
        const request = {
          ...paintRequestOf(given, { model: chosen, limits, standard }),
          ...source,
          strength: given.strength,
        };
        return paint(parts, { model: chosen, request, count: given.n ?? 1, client, call: call });
      }),
  );

  server.registerTool(
    'list_models',
    { title: 'List the models', description: 'The models that paint, the first by default, and their settings.' },
    () => textResult(JSON.stringify(service.pool.models.map(({ name, defaults }) => ({ name, ...defaults })))),
  );
  return server;
}

interface ToolOrder {
  readonly model: ServedModel;
  readonly request: PaintRequest;
  readonly count: number;
  readonly client: string;
  readonly call: ToolCall;
}

async function paint({ service }: ToolParts, order: ToolOrder): Promise<CallToolResult> {
  const { call, count, ...rest } = order;
  const token = call._meta?.progressToken;
  const images = await service.paint({
    ...rest,
    count,
    signal: call.signal,
    onStep: (index, { step, steps }) => {
      if (token === undefined) return;
      const params = { progressToken: token, progress: index * steps + step, total: count * steps };
      void call.sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
    },
  });
  return { content: (await Promise.all(images.map(contentOf))).flat() };
}

async function contentOf({ image, seed, parameters, options }: PaintedImage): Promise<CallToolResult['content']> {
  const data = await base64Of(image, { format: 'png' }, parameters);
  const text = `${image.width}x${image.height}, seed ${seed}, ${options.steps} steps`;
  return [
    { type: 'image', data, mimeType: 'image/png' },
    { type: 'text', text },
  ];
}

const textResult = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });

/** What a tool answers; its errors are for the model that called it to read. */
async function answered(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    return { ...textResult(error instanceof Error ? error.message : String(error)), isError: true };
  }
}
