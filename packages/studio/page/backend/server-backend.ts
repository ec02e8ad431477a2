import type { Backend, Explanation, ModelFacts, PaintEvents, PaintOrder } from './backend.js';
import { KeyNeededError, PageError } from './errors.js';
import { serverEvents, type ServerEvent } from './server-events.js';

interface ModelReply {
  readonly id: string;
  readonly defaults: {
    readonly size: string;
    readonly num_inference_steps: number;
    readonly guidance_scale: number;
    readonly sampler: string;
  };
  readonly sizes: { readonly multiple: number; readonly largest?: number };
  readonly samplers: readonly string[];
}

/**
 * Painting on the server that the page came from.
 * @param key gives the API key that was typed in, if one was
 */
export function serverBackend(key: () => string | undefined): Backend {
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const given = key();
    const headers = { ...init.headers, ...(given === undefined ? {} : { authorization: `Bearer ${given}` }) };
    // Without credentials of its own the browser does not ask for a password before the page can.
    const request = { ...init, headers, credentials: 'omit' } as const;
    const response = await fetch(new URL(path, document.baseURI), request).catch((error: unknown) => {
      throw init.signal?.aborted === true ? error : new PageError('the server does not answer', error);
    });
    if (response.status === 401) throw new KeyNeededError(given !== undefined);
    if (!response.ok) throw new PageError(await messageOf(response));
    return response;
  };
  const post = (path: string, body: object): Promise<Response> =>
    call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  return {
    place: 'on the server',
    models: async () => {
      const { data } = (await (await call('v1/models')).json()) as { data: readonly ModelReply[] };
      return data.map(modelFacts);
    },
    paint: async (order, events, signal) => {
      const response = await call(order.source === undefined ? 'v1/images/generations' : 'v1/images/edits', {
        method: 'POST',
        signal,
        ...bodyOf(order),
      });
      for await (const event of serverEvents(response)) pass(event, events);
    },
    settingsText: async (file) => {
      const { info } = (await (await post('sdapi/v1/png-info', { image: await dataUrlOf(file) })).json()) as {
        info: string;
      };
      return info;
    },
    explain: async (order) => (await (await post('v1/images/explanations', parametersOf(order))).json()) as Explanation,
  };
}

function modelFacts({ id, defaults, sizes, samplers }: ModelReply): ModelFacts {
  const { size, num_inference_steps: steps, guidance_scale: guidanceScale, sampler } = defaults;
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { id, defaults: { steps, guidanceScale, sampler, width, height }, ...sizes, samplers };
}

/** An order in the names of the interface. */
const parametersOf = (order: PaintOrder) => ({
  model: order.model,
  prompt: order.prompt,
  negative_prompt: order.negativePrompt,
  seed: order.seed,
  num_inference_steps: order.steps,
  guidance_scale: order.guidanceScale,
  sampler: order.sampler,
  size: `${order.width}x${order.height}`,
});

function bodyOf(order: PaintOrder): Pick<RequestInit, 'body' | 'headers'> {
  const { source, count, previews } = order;
  const parameters = { ...parametersOf(order), n: count, stream: true, partial_images: previews };
  if (source === undefined)
    return { body: JSON.stringify(parameters), headers: { 'content-type': 'application/json' } };
  const form = new FormData();
  for (const [name, value] of Object.entries(parameters)) form.set(name, String(value));
  form.set('strength', String(source.strength));
  form.set('image', source.image, 'image.png');
  if (source.mask !== undefined) form.set('mask', source.mask, 'mask.png');
  return { body: form };
}

function pass(event: ServerEvent, { onPreview, onImage, onNote }: PaintEvents): void {
  const {
    type,
    b64_json: base64,
    image_index: index = 0,
    step = 0,
    steps = 0,
    seed,
    size,
    notes,
  } = event as unknown as EventData;
  const image = imageOf(base64);
  if (type.endsWith('.partial_image')) return onPreview({ index, step, steps, image });
  const [width = 0, height = 0] = size.split('x').map(Number);
  onImage({ index, seed, image, width, height });
  for (const { param, message } of notes ?? []) onNote(param === null ? message : `${param}: ${message}`);
}

interface EventData {
  readonly type: string;
  readonly b64_json: string;
  readonly image_index?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly seed: number;
  readonly size: string;
  readonly notes?: readonly { readonly param: string | null; readonly message: string }[];
}

const imageOf = (base64: string): Blob =>
  new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: 'image/png' });

/** A file as text. */
const dataUrlOf = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new PageError('the file cannot be read', reader.error));
    reader.readAsDataURL(file);
  });

/** What an error's body says; its status where it says nothing. */
async function messageOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  return body?.error?.message ?? `the server answered with ${response.status}`;
}
