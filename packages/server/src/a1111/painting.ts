import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { check } from '@lascaux/nn';
import { readMask, readPicture } from '@lascaux/pipeline/image';
import { checkSize, type PictureSize } from '@lascaux/pipeline/options';
import type { z } from 'zod';
import { ClientGone, untilClientGone } from '../http/client-gone.js';
import { clientOf } from '../http/client-of.js';
import { checkPixels } from '../openai/image-order.js';
import { uploadSize } from '../openai/source-image.js';
import type { PaintedImage, PaintRequest } from '../painting/painter.js';
import type { ServedModel } from '../painting/served-model.js';
import type { ServerParts } from '../server-parts.js';
import { bytesOfText } from '../http/image-text.js';
import { imageBody, textBody, type PaintingBody } from './painting-body.js';
import { Interrupted, noteStep, type JobProgress, type PaintingJobs } from './painting-jobs.js';
import { paintingReply, replyOfPainting } from './painting-reply.js';
import { samplerOf } from './samplers.js';
import type { Checkpoint } from './checkpoint.js';

type ImageBody = z.output<ReturnType<typeof imageBody>>;

/** What the routes share. */
export interface A1111Parts extends ServerParts {
  readonly checkpoint: Checkpoint;
  readonly jobs: PaintingJobs;
}

/** `POST /sdapi/v1/txt2img` and `POST /sdapi/v1/img2img`. */
export const paintingRoutes =
  (parts: A1111Parts): FastifyPluginAsyncZod =>
  async (app) => {
    const { limits, checkpoint } = parts;
    const common = { tags: ['AUTOMATIC1111'], response: { 200: paintingReply } };

    const text = { ...common, summary: 'Paint images of a prompt', body: textBody(limits) };
    app.post('/sdapi/v1/txt2img', { schema: text }, (request, reply) => {
      const { body } = request;
      const model = checkpoint.of(body.override_settings?.sd_model_checkpoint);
      const paint = requestOf(body, { model, parts });
      return answer(parts, { request, reply, body, model, paint, kind: 'txt2img' });
    });

    const image = { ...common, summary: 'Paint images from an image', body: imageBody(limits) };
    app.post('/sdapi/v1/img2img', { schema: image }, async (request, reply) => {
      const { body } = request;
      const model = checkpoint.of(body.override_settings?.sd_model_checkpoint);
      const paint = requestOf(body, { model, parts });
      const source = await sourceOf(body, { width: paint.width!, height: paint.height! }, parts);
      return answer(parts, { request, reply, body, model, paint: { ...paint, ...source }, kind: 'img2img' });
    });
    return Promise.resolve();
  };

function requestOf(body: PaintingBody, { model, parts }: { model: ServedModel; parts: ServerParts }): PaintRequest {
  const { width = model.defaults.width, height = model.defaults.height, override_settings: settings } = body;
  checkPixels({ width, height }, parts.limits);
  checkSize({ width, height }, model.sizes);
  return {
    prompt: body.prompt,
    negativePrompt: body.negative_prompt,
    seed: body.seed,
    steps: body.steps,
    guidanceScale: body.cfg_scale,
    sampler: samplerOf(body.sampler_name ?? body.sampler_index, body.scheduler),
    clipSkip: body.clip_skip ?? settings?.CLIP_stop_at_last_layers,
    width,
    height,
  };
}

async function sourceOf(body: ImageBody, size: PictureSize, { limits }: ServerParts): Promise<Partial<PaintRequest>> {
  const bytes = bytesOfText(body.init_images[0]!, 'init_images');
  await uploadSize(bytes, 'init_images', limits);
  const image = await readPicture(bytes, size, { option: 'init_images' });
  const strength = body.denoising_strength;
  if (body.mask === undefined) return { image, strength };
  const maskBytes = bytesOfText(body.mask, 'mask');
  await uploadSize(maskBytes, 'mask', limits);
  const mask = await readMask(maskBytes, size, { option: 'mask' });
  const inverted = Boolean(body.inpainting_mask_invert);
  return { image, strength, mask: inverted ? { ...mask, values: mask.values.map((value) => 255 - value) } : mask };
}

/** A request on its way. */
interface PaintingCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: PaintingBody;
  readonly model: ServedModel;
  readonly paint: PaintRequest;
  readonly kind: JobProgress['kind'];
}

async function answer(parts: A1111Parts, call: PaintingCall): Promise<z.infer<typeof paintingReply>> {
  const { request, reply, body, model, paint, kind } = call;
  const count = body.batch_size * body.n_iter;
  check(count <= parts.limits.images, {
    operation: 'batch_size',
    rule: `times n_iter may be ${parts.limits.images}`,
    value: count,
    kind: 'usage',
  });
  const client = clientOf(request);
  const gone = untilClientGone(reply);
  const images: PaintedImage[] = [];
  await parts.jobs.during(client, { kind, count }, async ({ progress, signal }) => {
    await parts.service
      .paint({
        model,
        client,
        request: paint,
        count,
        signal: AbortSignal.any([gone, signal]),
        onStep: (_, step) => noteStep(progress, step),
        onImage: (_, image) => {
          progress.step = 0;
          progress.done = images.push(image);
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof Interrupted) || gone.reason instanceof ClientGone) throw error;
      });
  });
  return replyOfPainting(images, { body, model });
}
