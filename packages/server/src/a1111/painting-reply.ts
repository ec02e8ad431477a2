import { VERSION } from '@lascaux/nn';
import { z } from 'zod';
import { base64Of } from '../http/image-encoding.js';
import type { PaintedImage } from '../painting/painter.js';
import type { ServedModel } from '../painting/served-model.js';
import type { PaintingBody } from './painting-body.js';

/** The answer to `txt2img` and `img2img`; `info` is a text that holds JSON. */
export const paintingReply = z
  .object({ images: z.array(z.string()), parameters: z.record(z.string(), z.unknown()), info: z.string() })
  .meta({ id: 'Painted' });

/** Fields that hold images, which are not said back. */
const IMAGES = ['init_images', 'mask'];

/** The answer with images inside. */
export async function replyOfPainting(
  painted: readonly PaintedImage[],
  { body, model }: { body: PaintingBody; model: ServedModel },
): Promise<z.infer<typeof paintingReply>> {
  const files = body.send_images ? painted : [];
  const images = await Promise.all(
    files.map(({ image, parameters }) => base64Of(image, { format: 'png' }, parameters)),
  );
  const parameters = Object.fromEntries(Object.entries(body).filter(([name]) => !IMAGES.includes(name)));
  return { images, parameters, info: JSON.stringify(infoOf(painted, { body, model })) };
}

/** What clients read out of `info`: LibreChat `infotexts[0]`, `seed`, `width`, `height`. */
function infoOf(painted: readonly PaintedImage[], { body, model }: { body: PaintingBody; model: ServedModel }): object {
  const [first] = painted;
  const { width = model.defaults.width, height = model.defaults.height } = first?.image ?? {};
  const { steps, guidanceScale, sampler, strength, clipSkip = 1 } = first?.options ?? {};
  const of = <T>(value: T): readonly T[] => painted.map(() => value);
  return {
    prompt: body.prompt,
    all_prompts: of(body.prompt),
    negative_prompt: body.negative_prompt ?? '',
    all_negative_prompts: of(body.negative_prompt ?? ''),
    seed: first?.seed ?? -1,
    all_seeds: painted.map(({ seed }) => seed),
    subseed: -1,
    all_subseeds: of(-1),
    subseed_strength: 0,
    width,
    height,
    sampler_name: sampler,
    cfg_scale: guidanceScale,
    steps,
    batch_size: body.batch_size,
    restore_faces: false,
    sd_model_name: model.name,
    denoising_strength: strength,
    clip_skip: clipSkip,
    index_of_first_image: 0,
    infotexts: painted.map(({ parameters }) => parameters),
    version: `lascaux ${VERSION}`,
  };
}
