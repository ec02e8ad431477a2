import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PaintRequest } from '../painting/painter.js';
import type { ServedModel } from '../painting/served-model.js';
import type { ImageParameters } from './image-parameters.js';

/** What a route found in its request. */
export interface ImageCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: ImageParameters;
  readonly model: ServedModel;
  readonly paint: PaintRequest;
  /** How its events are called. */
  readonly events: 'image_generation' | 'image_edit';
}
