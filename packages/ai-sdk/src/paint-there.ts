import { APICallError } from '@ai-sdk/provider';
import { z } from 'zod';
import type { ImageCall, PaintCall } from './image-call.js';

/** A server to paint on. */
export interface ServerAddress {
  /** Such as `http://127.0.0.1:7860/v1`. */
  readonly baseURL: string;
  readonly apiKey?: string;
  readonly model: string;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

const answer = z.object({ data: z.array(z.object({ b64_json: z.string(), seed: z.int() })) });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** Paints on a server of `lascaux serve`. */
export const paintThere =
  ({ baseURL, apiKey, model, fetch = globalThis.fetch }: ServerAddress): PaintCall =>
  async (call) => {
    const fields = fieldsOf(call, model);
    const isEdit = call.image !== undefined;
    const url = `${baseURL.replace(/\/$/, '')}/images/${isEdit ? 'edits' : 'generations'}`;
    const given = { ...call.headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
    const headers = new Headers(
      Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    if (!isEdit) headers.set('content-type', 'application/json');
    const body = isEdit ? formOf(call, fields) : JSON.stringify(fields);
    const reply = await fetch(url, { method: 'POST', headers, body, signal: call.signal });
    const text = await reply.text();
    if (!reply.ok) throw callError({ url, fields, reply, text });
    const { data } = answer.parse(JSON.parse(text));
    return {
      files: data.map((image) => image.b64_json),
      seeds: data.map((image) => image.seed),
      headers: Object.fromEntries(reply.headers),
    };
  };

type Fields = Readonly<Record<string, string | number>>;

function fieldsOf({ prompt, count, size, seed, options }: ImageCall, model: string): Fields {
  const fields = {
    model,
    prompt,
    seed,
    n: count,
    size: size && `${size.width}x${size.height}`,
    negative_prompt: options.negativePrompt,
    num_inference_steps: options.steps,
    guidance_scale: options.guidanceScale,
    sampler: options.sampler,
    strength: options.strength,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function formOf({ image, mask }: ImageCall, fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  for (const [name, bytes] of Object.entries({ image, mask }))
    if (bytes !== undefined) form.set(name, new Blob([new Uint8Array(bytes)]), `${name}.png`);
  return form;
}

/** The AI SDK's error, by which it knows whether to try again. */
function callError({
  url,
  fields,
  reply,
  text,
}: {
  url: string;
  fields: Fields;
  reply: Response;
  text: string;
}): APICallError {
  const said = refusal.safeParse(parsed(text));
  return new APICallError({
    message: said.success ? said.data.error.message : `${reply.status} ${reply.statusText}`,
    url,
    requestBodyValues: fields,
    statusCode: reply.status,
    responseHeaders: Object.fromEntries(reply.headers),
    responseBody: text,
    isRetryable: reply.status === 429 || reply.status === 503,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
