import { join } from 'node:path';
import { TextToImagePipeline } from '@lascaux/pipeline';
import {
  aloneScene,
  loadLexicon,
  LOCALES,
  openAtlas,
  painterEmojis,
  paintScene,
  PLAIN_STYLE,
  STYLES,
  type Atlas,
} from '@lascaux/scenes';
import type { FigureOptions } from './figure-options.js';
import { mean } from './statistics.js';

/** How well a model paints drawings that it is asked for by name. */
export interface DrawingsFigures {
  readonly asked: number;
  /** Of how many drawings the nearest was looked for. */
  readonly among: number;
  /** Share of English names whose picture is nearest to a drawing of their noun, in any style, and to the one in the plain style. */
  readonly noun: number;
  readonly drawing: number;
  /** The same share of nouns by language, over as many names of each. */
  readonly languages: Readonly<Record<string, number>>;
  /** Of English names' pictures against what they should show, in dB. */
  readonly psnr: number;
  /** Σ |differences of neighbours| over that of what should be shown: below 1 is blur. */
  readonly edgeEnergy: number;
}

const SIDE = 256;
/** Pixels along a side that are compared, each the mean of a block. */
const SMALL = 32;
const BLOCK = SIDE / SMALL;
const DEFAULT_COUNT = 150;
/** So many times fewer names are asked for in each of the other languages. */
const FEWER = 10;

/** Means of blocks of RGB bytes, [32, 32, 3]. */
function shrunk(pixels: Uint8Array): Float32Array {
  const small = new Float32Array(3 * SMALL * SMALL);
  pixels.forEach((value, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const [y, x] = [Math.floor(pixel / SIDE / BLOCK), Math.floor((pixel % SIDE) / BLOCK)];
    small[(y * SMALL + x) * 3 + channel]! += value / BLOCK ** 2;
  });
  return small;
}

const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
};

/** Σ |x differences| + |y differences| of RGB bytes. */
function edges(pixels: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / 3);
    if (pixel % SIDE > 0) total += Math.abs(pixels[i]! - pixels[i - 3]!);
    if (pixel >= SIDE) total += Math.abs(pixels[i]! - pixels[i - 3 * SIDE]!);
  }
  return total;
}

const render = (atlas: Atlas, emoji: number, style: (typeof STYLES)[number]): Uint8Array =>
  paintScene(atlas, aloneScene({ emoji, style, ground: 'white', isHalf: false }));

/**
 * Asks for drawings by their names alone and looks which of all drawings on white the pictures are nearest to, by the squared difference of their 32-pixel copies: nothing
 * that is trained judges.
 * @param options `data` holds the painter's atlas; `count` is the number of English names
 */
export async function drawingsFigures({
  model,
  data,
  count = DEFAULT_COUNT,
  seed,
  onProgress,
}: FigureOptions): Promise<DrawingsFigures> {
  const emojis = painterEmojis();
  const atlas = await openAtlas(join(data, 'atlas'), emojis);
  const lexicon = loadLexicon(emojis);
  const all = emojis.flatMap((_, emoji) => STYLES.map((style) => shrunk(render(atlas, emoji, style))));
  const pipeline = await TextToImagePipeline.fromPretrained(model);
  const nearest = (pixels: Uint8Array): number => {
    const own = shrunk(pixels);
    let [best, least] = [-1, Infinity];
    all.forEach((drawing, i) => {
      const distance = squaredDistance(own, drawing);
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  };
  /** So many nouns, spread evenly, with their names in a language. */
  const named = (locale: (typeof LOCALES)[number], wanted: number) =>
    Array.from({ length: wanted }, (_, k) => Math.floor(((k + 0.5) * emojis.length) / wanted)).flatMap((emoji) => {
      const name = lexicon.of(emoji, locale).find(({ role }) => role !== 'character');
      // A name that another noun has too leads to that one.
      return name === undefined || name.emoji !== emoji ? [] : [{ emoji, prompt: name.text }];
    });
  const others = Math.max(1, Math.floor(count / FEWER));
  const questions = LOCALES.map((locale) => ({ locale, names: named(locale, locale === 'en' ? count : others) }));
  const total = questions.reduce((sum, { names }) => sum + names.length, 0);
  let done = 0;
  const languages: Record<string, number> = {};
  const english = { drawing: [] as number[], psnr: [] as number[], edges: [] as number[] };
  const plain = STYLES.indexOf(PLAIN_STYLE);
  for (const { locale, names } of questions) {
    let right = 0;
    for (const { emoji, prompt } of names) {
      const { images } = await pipeline.generate({ prompt, seed: seed + emoji });
      const { pixels } = images[0]!;
      const found = nearest(pixels);
      if (Math.floor(found / STYLES.length) === emoji) right++;
      if (locale === 'en') {
        const wanted = render(atlas, emoji, PLAIN_STYLE);
        english.drawing.push(found === emoji * STYLES.length + plain ? 1 : 0);
        english.psnr.push(10 * Math.log10((255 ** 2 * pixels.length) / Math.max(1, squaredDistance(pixels, wanted))));
        english.edges.push(edges(pixels) / edges(wanted));
      }
      onProgress?.(++done, total);
    }
    languages[locale] = right / Math.max(1, names.length);
  }
  await pipeline.dispose();
  atlas.close();
  return {
    ...{
      asked: english.psnr.length,
      among: all.length,
      noun: languages.en!,
      drawing: mean(english.drawing),
      languages,
    },
    ...{ psnr: mean(english.psnr), edgeEnergy: mean(english.edges) },
  };
}
