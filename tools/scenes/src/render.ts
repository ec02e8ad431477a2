import { STYLES, type Style } from './art.js';
import { groundNamed } from './grounds.js';
import type { Noun } from './nouns.js';
import { rasterise } from './drawing.js';
import { drawOver, type Canvas, type Drawing } from './composite.js';
import type { Scene } from './scene.js';

/** Drawings are kept at this multiple of the picture's size, so that shrinking to any scale stays smooth. */
const OVERSAMPLING = 3;

/** Turns scenes into pixels. */
export interface Renderer {
  /** RGB bytes, row by row, [size, size, 3]. */
  render(scene: Scene): Promise<Uint8Array>;
}

/** A renderer of pictures `size` pixels wide and high. Each drawing is rasterised once, when first needed. */
export function createRenderer(nouns: readonly Noun[], size: number): Renderer {
  const drawings = new Map<string, Promise<Drawing>>();
  const svgs = new Map(nouns.flatMap((noun) => STYLES.map((style) => [key(noun.word, style), noun.emoji.svg[style]])));

  const drawing = (word: string, style: Style): Promise<Drawing> => {
    const name = key(word, style);
    const known = drawings.get(name);
    if (known) return known;
    const svg = svgs.get(name);
    if (svg === undefined) throw new Error(`render: must be a noun of the list, got "${word}"`);
    const made = rasterise(svg, size * OVERSAMPLING);
    drawings.set(name, made);
    return made;
  };

  const render = async (scene: Scene): Promise<Uint8Array> => {
    const canvas = filled(size, groundNamed(scene.ground).rgb);
    for (const item of scene.items) drawOver(canvas, await drawing(item.word, scene.style), item);
    return canvas.pixels;
  };
  return { render };
}

const key = (word: string, style: Style): string => `${style}/${word}`;

function filled(size: number, rgb: readonly [number, number, number]): Canvas {
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = rgb[i % 3]!;
  return { size, pixels };
}
