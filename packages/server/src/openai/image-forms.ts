import { GENERATE_OPTIONS } from '@lascaux/pipeline/options';
import { z } from 'zod';
import type { FormFields } from '../http/multipart-form.js';
import type { ServerLimits } from '../server-limits.js';
import { imageParameters, optional } from './image-parameters.js';

/** How the fields of the forms are read. */
export const imageFormFields: FormFields = {
  numbers: ['n', 'output_compression', 'partial_images', 'num_inference_steps', 'guidance_scale', 'seed', 'strength'],
  booleans: ['stream'],
  lists: ['image'],
};

const file = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be a file')
  .meta({ type: 'string', format: 'binary' });

const sourceParameters = {
  image: z.array(file).min(1).max(1, 'one image can be painted from here').describe('The image to start from.'),
  strength: optional(GENERATE_OPTIONS.strength.schema).describe(GENERATE_OPTIONS.strength.help),
};

/** The body of `POST /v1/images/edits`. */
export const editBody = (limits: ServerLimits) =>
  z
    .strictObject({
      prompt: z.string().max(limits.promptCharacters).describe('What the image shall show.'),
      mask: file
        .optional()
        .describe(
          'Transparent where the image is repainted. Without one, the image’s own transparency; without that, all of it.',
        ),
      ...sourceParameters,
      ...imageParameters(limits),
      input_fidelity: z.unknown().optional().describe('Accepted and ignored: say `strength`.'),
    })
    .meta({ id: 'ImageEdit' });

/** The body of `POST /v1/images/variations`. */
export const variationBody = (limits: ServerLimits) =>
  z.strictObject({ ...sourceParameters, ...imageParameters(limits) }).meta({ id: 'ImageVariation' });
