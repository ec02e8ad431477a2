import { join } from 'node:path';
import { aloneScene, GROUNDS, PLAIN_GROUND, STYLES, THING_COLOURS, type PainterScene } from '@lascaux/scenes';
import type { DrawingLatentsOptions } from './drawing-latents.js';
import { latentStore, scaled } from './latent-store.js';

/** Grounds other than the plain one, and colours that things are turned to: what changes a drawing's latent. */
export const [VARIANT_GROUNDS, VARIANT_COLOURS] = [
  GROUNDS.map(({ name }) => name).filter((name) => name !== PLAIN_GROUND),
  THING_COLOURS.map(({ name }) => name),
] as const;

/** Of so many drawings one is looked at: what a ground or a colour does to a cell is learned from thousands of cells. */
const EVERY = 8;

/** Latents of some drawings on every ground and in every colour, scaled. */
export interface VariantLatents {
  /** How many grounds, and colours. */
  readonly grounds: number;
  readonly colours: number;
  /** Which drawings. */
  readonly drawings: readonly number[];
  /** The latent of drawing `drawings[i]` on a ground, number of `VARIANT_GROUNDS`, over the whole image: [C, 8, 8]. */
  readonly onGround: (ground: number, i: number) => Float32Array;
  /** The same on white, turned to a colour, number of `VARIANT_COLOURS`. */
  readonly inColour: (colour: number, i: number) => Float32Array;
  /** The latent of nothing on white, and on black. */
  readonly blank: readonly [white: Float32Array, black: Float32Array];
}

/** Encodes them, or reads what an earlier call has encoded; kept in `variants.bin` of the folder of the runs. */
export async function variantLatents({
  engine,
  atlas,
  vae,
  runs,
  signal,
}: DrawingLatentsOptions): Promise<VariantLatents> {
  const drawings = Array.from(
    { length: Math.floor((atlas.emojis.length * STYLES.length) / EVERY) },
    (_, i) => EVERY * i,
  );
  const blanks = [PLAIN_GROUND, 'black'];
  const variants = VARIANT_GROUNDS.length + VARIANT_COLOURS.length;
  const store = await latentStore({
    ...{ path: join(runs, 'variants.bin'), engine, atlas, weights: vae.weights },
    count: blanks.length + variants * drawings.length,
    scene: (i): PainterScene => {
      if (i < blanks.length) return { ...aloneScene({ ...sceneOf(0), ground: blanks[i]! }), items: [] };
      const variant = Math.floor((i - blanks.length) / drawings.length);
      const drawing = drawings[(i - blanks.length) % drawings.length]!;
      const ground = VARIANT_GROUNDS[variant] ?? PLAIN_GROUND;
      const scene = aloneScene({ ...sceneOf(drawing), ground });
      const colour = VARIANT_COLOURS[variant - VARIANT_GROUNDS.length] ?? null;
      return { ...scene, items: scene.items.map((item) => ({ ...item, colour })) };
    },
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done, total) => {
      if (done % 2048 === 0) console.error(`latents of grounds and colours: ${done} of ${total}`);
    },
  });
  signal?.throwIfAborted();
  const latent = (i: number): Float32Array => scaled(store.latent(i), vae.scaling);
  const variant = (number: number, i: number): Float32Array => latent(blanks.length + number * drawings.length + i);
  return {
    ...{ drawings, grounds: VARIANT_GROUNDS.length, colours: VARIANT_COLOURS.length },
    onGround: variant,
    inColour: (colour, i) => variant(VARIANT_GROUNDS.length + colour, i),
    blank: [latent(0), latent(1)],
  };
}

const sceneOf = (drawing: number) => ({
  emoji: Math.floor(drawing / STYLES.length),
  style: STYLES[drawing % STYLES.length]!,
  isHalf: false,
});
