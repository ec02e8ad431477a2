import { sinusoidalEmbedding, timestepMlp } from '../layers/index.js';
import * as ops from '../program/ops.js';
import type { Value } from '../program/program.js';
import type { Scope } from '../program/scope.js';

/** Inputs of `timeTextEmbedding`. */
export interface TimeTextInputs {
  /** float32 [N], counted from 0 to 1000 */
  readonly timestep: Value;
  /** The pooled text [N, P]. */
  readonly pooled: Value;
  /** float32 [N], the guidance scale of a distilled network, times 1000. */
  readonly guidance?: Value;
}

const SINUSOIDS = 256;

/** Timestep, pooled text and perhaps guidance, each through a small network of its own, added: [N, width] (Esser et al. 2024, section 4). */
export function timeTextEmbedding(scope: Scope, width: number, { timestep, pooled, guidance }: TimeTextInputs): Value {
  const embedded = (name: string, x: Value): Value =>
    timestepMlp(scope.at(name), sinusoidalEmbedding(x, { width: SINUSOIDS, flipSinToCos: true, frequencyShift: 0 }), {
      out: width,
    });
  const time = embedded('timestep_embedder', timestep);
  const timeEmbedding = guidance === undefined ? time : ops.add(time, embedded('guidance_embedder', guidance));
  return ops.add(timeEmbedding, timestepMlp(scope.at('text_embedder'), pooled, { out: width }));
}
