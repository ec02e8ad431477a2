import { LascauxError } from '@lascaux/nn';
import sharp from 'sharp';
import type { ImageSize } from './pixels.js';
import { writePng } from './png.js';

/** How a grid is laid out. */
export interface GridOptions extends ImageSize {
  /** Pictures in a row; as square as possible unless given. */
  readonly columns?: number;
  /** Pixels between pictures. */
  readonly gap?: number;
  /** Text under each picture (a contact sheet). Needs a font on the machine. */
  readonly captions?: readonly string[];
}

/** A picture: RGB bytes [height, width, 3]. */
export interface RgbImage extends ImageSize {
  readonly bytes: Uint8Array;
}

const CAPTION_HEIGHT = 26; // two lines of 10 pixels
const CAPTION_WIDTH = 130; // room for about 25 letters a line

/** Pictures of one size [height, width, 3] side by side on white, row by row, with captions when given. */
export async function makeGrid(images: readonly Uint8Array[], options: GridOptions): Promise<RgbImage> {
  const { height, width, gap = 2, captions } = options;
  const columns = options.columns ?? Math.ceil(Math.sqrt(images.length));
  if (images.length === 0) throw new LascauxError({ operation: 'grid', rule: 'must have at least one picture, got 0' });
  if (!Number.isInteger(columns) || columns < 1)
    throw new LascauxError({ operation: 'grid', rule: 'columns must be a whole number above 0', value: columns });
  const rows = Math.ceil(images.length / columns);
  const cell = {
    height: height + gap + (captions ? CAPTION_HEIGHT : 0),
    width: Math.max(width, captions ? CAPTION_WIDTH : 0) + gap,
  };
  const grid = { height: rows * cell.height - gap, width: columns * cell.width - gap };
  const bytes = new Uint8Array(grid.height * grid.width * 3).fill(255);
  for (const [k, image] of images.entries()) {
    if (image.length !== height * width * 3) {
      throw new LascauxError({
        operation: 'grid',
        rule: `picture ${k} must hold ${height}·${width}·3 bytes`,
        value: image.length,
      });
    }
    const top = Math.floor(k / columns) * cell.height;
    const left = (k % columns) * cell.width;
    for (let y = 0; y < height; y++) {
      bytes.set(image.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * grid.width + left) * 3);
    }
  }
  const sheet = { bytes, ...grid };
  return captions ? withCaptions(sheet, { captions, columns, cell, imageHeight: height }) : sheet;
}

/** Writes pictures as one PNG, laid out as `makeGrid` does. */
export async function saveGrid(path: string, images: readonly Uint8Array[], options: GridOptions): Promise<void> {
  const grid = await makeGrid(images, options);
  await writePng(path, grid.bytes, grid);
}

interface CaptionLayout {
  readonly captions: readonly string[];
  readonly columns: number;
  readonly cell: ImageSize;
  readonly imageHeight: number;
}

async function withCaptions(
  sheet: RgbImage,
  { captions, columns, cell, imageHeight }: CaptionLayout,
): Promise<RgbImage> {
  const perLine = Math.max(4, Math.floor(cell.width / 5)); // letters of a line at 9 pixels
  const texts = captions.flatMap((caption, k) => {
    const x = (k % columns) * cell.width + 1;
    const y = Math.floor(k / columns) * cell.height + imageHeight + 10;
    return linesOf(caption, perLine).map((line, i) => `<text x="${x}" y="${y + 11 * i}">${escapeXml(line)}</text>`);
  });
  const { width, height } = sheet;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g font-family="sans-serif" font-size="9">${texts.join('')}</g></svg>`;
  const data = await sharp(sheet.bytes, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { ...sheet, bytes: new Uint8Array(data) };
}

/** At most two lines, broken at spaces where there is one; the second is cut with "…". */
function linesOf(text: string, perLine: number): string[] {
  if (text.length <= perLine) return [text];
  const space = text.lastIndexOf(' ', perLine);
  const cut = space > 0 ? space : perLine;
  const rest = text.slice(cut).trim();
  return [text.slice(0, cut), rest.length > perLine ? `${rest.slice(0, perLine - 1)}…` : rest];
}

const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[^\P{Cc}]/gu, ' ');
