import { z } from 'zod';

const Share = z.number().min(0).max(1);

/** What scenes are made of; unknown keys are refused. */
export const SceneOptions = z.strictObject({
  /** 0: centred at 0.85 of the frame. 1: scale 0.55–0.95, anywhere inside the frame. */
  jitter: Share.default(0),
  /** Probability that a drawing is mirrored. */
  mirror: Share.default(0),
  /** Weights of the three kinds of scene: one drawing; two or three of one noun; two nouns in a relation. */
  singles: z.number().min(0).default(1),
  several: z.number().min(0).default(0),
  relations: z.number().min(0).default(0),
  /** Weights of the art styles. */
  styles: z
    .strictObject({ fluent: z.number().min(0), noto: z.number().min(0), twemoji: z.number().min(0) })
    .default({ fluent: 0.5, noto: 0.25, twemoji: 0.25 }),
  /** Share of scenes on the white ground; the other grounds share the rest evenly. */
  white: Share.default(0.2),
  /** Seed of the held-out combinations; independent of the scenes' seed, so that every set keeps the same ones apart. */
  heldOutSeed: z.number().int().default(0),
});
/** What scenes are made of, complete. */
export type SceneOptions = z.infer<typeof SceneOptions>;
/** What scenes are made of, with defaults left out. */
export type SceneOptionsInput = z.input<typeof SceneOptions>;
