import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Who a request counts for in the queue: the holder of a key, else an address. Keys are hashed, so that none is logged. */
export function clientOf({ headers: { authorization }, ip }: FastifyRequest): string {
  if (authorization === undefined || authorization === '') return ip;
  return createHash('sha256').update(authorization).digest('base64url').slice(0, 16);
}
