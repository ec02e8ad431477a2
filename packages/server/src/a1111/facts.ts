import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { parseParameters, readImageInformation } from '@lascaux/pipeline/image';
import { LascauxError } from '@lascaux/nn';
import { z } from 'zod';
import { clientOf } from '../http/client-of.js';
import type { ServedModel } from '../painting/served-model.js';
import { bytesOfText } from '../http/image-text.js';
import type { A1111Parts } from './painting.js';
import { progressReply } from './painting-jobs.js';
import { samplerList, schedulerList } from './samplers.js';

const tags = ['AUTOMATIC1111'];
const anything = z.record(z.string(), z.unknown());

/** What programs ask before they paint, and while: options, lists, progress, interruption, settings of an image. */
export const factRoutes =
  ({ checkpoint, jobs }: A1111Parts): FastifyPluginAsyncZod =>
  async (app) => {
    const lists: Readonly<Record<string, readonly object[]>> = {
      'sd-models': checkpoint.models.map(describe),
      samplers: samplerList,
      schedulers: schedulerList,
      upscalers: [{ name: 'None', model_name: null, model_path: null, model_url: null, scale: 1 }],
      'latent-upscale-modes': [],
      'sd-vae': [],
      'sd-modules': [],
      loras: [],
    };
    for (const [name, list] of Object.entries(lists))
      app.get(
        `/sdapi/v1/${name}`,
        { schema: { tags, summary: `The ${name}`, response: { 200: z.array(anything) } } },
        () => [...(list as Record<string, unknown>[])],
      );

    app.get('/sdapi/v1/options', { schema: { tags, summary: 'The options', response: { 200: anything } } }, () => ({
      sd_model_checkpoint: checkpoint.chosen.name,
      sd_vae: 'Automatic',
      CLIP_stop_at_last_layers: 1,
      samples_format: 'png',
    }));
    const options = z.looseObject({ sd_model_checkpoint: z.string().nullish() });
    const choose = { tags, summary: 'Choose the model; other options are ignored', body: options };
    app.post('/sdapi/v1/options', { schema: choose }, async ({ body }, reply) => {
      if (body.sd_model_checkpoint != null) checkpoint.choose(body.sd_model_checkpoint);
      return reply.send({});
    });

    const progress = {
      tags,
      summary: 'How far the own request is',
      querystring: z.looseObject({}),
      response: { 200: anything },
    };
    app.get('/sdapi/v1/progress', { schema: progress }, (request) => progressReply(jobs.progressOf(clientOf(request))));
    app.post('/sdapi/v1/interrupt', { schema: { tags, summary: 'Stop the own requests' } }, async (request, reply) => {
      jobs.interrupt(clientOf(request));
      return reply.send({});
    });

    const image = {
      tags,
      summary: 'The settings inside an image',
      body: z.looseObject({ image: z.string() }),
      response: { 200: anything },
    };
    app.post('/sdapi/v1/png-info', { schema: image }, async ({ body }) => {
      const { parameters: info = '', texts } = await readImageInformation(bytesOfText(body.image, 'image')).catch(
        refuse,
      );
      const { prompt, negativePrompt, values } = parseParameters(info);
      const parameters = info === '' ? {} : { Prompt: prompt, 'Negative prompt': negativePrompt, ...values };
      return { info, items: texts, parameters };
    });
    return Promise.resolve();
  };

const describe = ({ name, folder }: ServedModel) => ({
  title: name,
  model_name: name,
  hash: null,
  sha256: null,
  filename: folder.split(/[\\/]/).at(-1),
  config: null,
});

/** Whoever sends an image that cannot be read can mend it. */
function refuse(cause: unknown): never {
  const rule = cause instanceof LascauxError ? cause.rule : 'must be an image';
  throw new LascauxError({ option: 'image', rule, kind: 'usage', cause });
}
