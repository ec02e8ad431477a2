import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveGrid, writePng } from '@lascaux/data';
import { check } from '@lascaux/nn';
import type { GeneratedImage, GenerateOptions } from '@lascaux/pipeline';
import type { Look } from './looks.js';

/** What paints: the part of a `TextToImagePipeline` that is needed here. */
export interface Painter {
  generate(
    options: GenerateOptions & { readonly signal?: AbortSignal },
  ): Promise<{ readonly images: readonly GeneratedImage[] }>;
}

/** Options of `paintLooks`. */
export interface PaintOptions {
  readonly pipeline: Painter;
  /** What to paint, one picture each. */
  readonly looks: readonly Look[];
  /** The folder to make. */
  readonly out: string;
  /** Seed of the first picture; picture k has seed + k. */
  readonly seed: number;
  /** Further options of every call. */
  readonly generate?: Omit<GenerateOptions, 'prompt' | 'seed' | 'count'>;
  readonly signal?: AbortSignal;
  /** Called with the number of pictures painted so far. */
  readonly onProgress?: (painted: number) => void;
}

/** The overview beside the pictures; no picture of the set, because `metadata.jsonl` does not name it. */
const SHEET = 'contact-sheet.png';
const SHEET_COLUMNS = 12;

/**
 * Paints a picture of each look into an imagefolder with `metadata.jsonl` (file_name, text, noun, style, ground, split, seed) and a
 * contact sheet. The metadata is written last: a folder that has it is complete.
 * @throws {LascauxError} when the folder cannot be made, or as `generate` does
 */
export async function paintLooks(options: PaintOptions): Promise<void> {
  const { looks, out, seed, onProgress } = options;
  await mkdir(out, { recursive: true }).catch((cause: unknown) =>
    check(false, { operation: '--out', rule: 'must be a folder that can be made', value: out, kind: 'usage', cause }),
  );
  const pictures: Uint8Array[] = [];
  const lines: string[] = [];
  let size = { height: 0, width: 0 };
  for (const [i, look] of looks.entries()) {
    const { images } = await options.pipeline.generate({
      ...options.generate,
      prompt: look.text,
      seed: seed + i,
      signal: options.signal,
    });
    const image = images[0]!;
    const fileName = `${String(i).padStart(6, '0')}.png`;
    const bytes = Uint8Array.from(image.pixels);
    size = { height: image.height, width: image.width };
    await writePng(join(out, fileName), bytes, size);
    pictures.push(bytes);
    lines.push(JSON.stringify({ file_name: fileName, ...look, seed: image.seed }));
    onProgress?.(i + 1);
  }
  const captions = looks.map((look) => look.text);
  await saveGrid(join(out, SHEET), pictures, { ...size, columns: SHEET_COLUMNS, captions });
  await writeFile(join(out, 'metadata.jsonl'), `${lines.join('\n')}\n`);
}
