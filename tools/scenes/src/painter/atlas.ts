import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { hashText, mapLimited } from '@lascaux/data';
import sharp from 'sharp';
import { z } from 'zod';
import { STYLES, type JoinedEmoji, type Style } from '../art.js';

/** Sides in pixels at which a drawing is kept: for a whole image of 256 pixels, and for a quarter of it. */
export const FULL_SIDES = [208, 216, 224] as const;
export const HALF_SIDES = [104, 108, 112] as const;
const SIDES: readonly number[] = [...FULL_SIDES, ...HALF_SIDES];

const CHANNELS = 4;
const bytesOf = (side: number): number => side * side * CHANNELS;
/** All sides of one drawing. */
const BLOCK = SIDES.reduce((total, side) => total + bytesOf(side), 0);
/** Drawings rasterised at the same time. */
const CONCURRENCY = 8;

const Header = z.object({ fingerprint: z.number(), count: z.number() });

/** Drawings as bytes, ready to be laid on a ground. */
export interface Atlas {
  readonly emojis: readonly JoinedEmoji[];
  /** The drawing of emoji `index` in a style, `side` pixels wide and high: RGBA bytes, colour not multiplied with alpha. Valid until the next call. */
  drawing(index: number, style: Style, side: number): Uint8Array;
  close(): void;
}

/** What the file depends on: the drawings in their order, and the sides. */
const fingerprintOf = (emojis: readonly JoinedEmoji[]): number =>
  hashText(`${SIDES.join()}|${emojis.map(({ svg }) => STYLES.map((style) => svg[style]).join('|')).join('|')}`);

/** An SVG document in a square of `side` pixels as RGBA bytes. */
async function rasterised(svg: string, side: number): Promise<Uint8Array> {
  const viewBox = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg);
  const longest = Math.max(Number(viewBox?.[1] ?? side), Number(viewBox?.[2] ?? side));
  return sharp(Buffer.from(svg), { density: (72 * side) / longest })
    .resize(side, side, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

async function buildAtlas(path: string, emojis: readonly JoinedEmoji[]): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  const file = await open(temporary, 'w');
  try {
    await mapLimited(
      emojis.flatMap(({ svg }, index) =>
        STYLES.map((style, s) => ({ svg: svg[style], place: index * STYLES.length + s })),
      ),
      CONCURRENCY,
      async ({ svg, place }) => {
        const block = Buffer.concat(await Promise.all(SIDES.map((side) => rasterised(svg, side))));
        await file.write(block, 0, BLOCK, place * BLOCK);
      },
    );
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Whether the files in `directory` hold these drawings. */
async function isCurrent(directory: string, fingerprint: number): Promise<boolean> {
  const path = join(directory, 'atlas.json');
  if (!existsSync(path)) return false;
  return Header.parse(JSON.parse(await readFile(path, 'utf8'))).fingerprint === fingerprint;
}

/**
 * Opens the atlas of these emoji in a folder, after making it there where it is missing or of other drawings: about 0.7 MB a drawing,
 * a few minutes of one core for all.
 */
export async function openAtlas(directory: string, emojis: readonly JoinedEmoji[]): Promise<Atlas> {
  const fingerprint = fingerprintOf(emojis);
  const path = join(directory, 'atlas.bin');
  if (!(await isCurrent(directory, fingerprint))) {
    await mkdir(directory, { recursive: true });
    await rm(join(directory, 'atlas.json'), { force: true });
    await buildAtlas(path, emojis);
    await writeFile(join(directory, 'atlas.json'), `${JSON.stringify({ fingerprint, count: emojis.length })}\n`);
  }
  const descriptor = openSync(path, 'r');
  const buffers = new Map(SIDES.map((side) => [side, Buffer.alloc(bytesOf(side))]));
  const offsets = new Map(SIDES.map((side, i) => [side, SIDES.slice(0, i).reduce((sum, s) => sum + bytesOf(s), 0)]));
  return {
    emojis,
    drawing: (index, style, side) => {
      const buffer = buffers.get(side);
      if (buffer === undefined) throw new Error(`atlas: side must be one of ${SIDES.join(', ')}, got ${side}`);
      const place = (index * STYLES.length + STYLES.indexOf(style)) * BLOCK + offsets.get(side)!;
      readSync(descriptor, buffer, 0, buffer.length, place);
      return buffer;
    },
    close: () => closeSync(descriptor),
  };
}
