import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapLimited } from '@lascaux/data';
import sharp from 'sharp';
import { attribution } from './attribution.js';
import { captionOf } from './caption.js';
import { findFaintLooks, type FaintLooks } from './faint.js';
import type { Noun } from './nouns.js';
import type { SceneOptions } from './options.js';
import { createRenderer } from './render.js';
import { createSceneMaker, type Scene, type Split } from './scene.js';

/** What to write. */
export interface WriteOptions {
  /** The folder to make; it must not exist unless `overwrite`. */
  readonly out: string;
  readonly overwrite: boolean;
  readonly count: number;
  readonly testCount: number;
  readonly seed: number;
  /** Pixels of a picture's side. */
  readonly size: number;
  readonly nouns: readonly Noun[];
  readonly scenes: SceneOptions;
  /** Stops with the signal's reason, leaving nothing behind. */
  readonly signal?: AbortSignal;
  /** Called with the number of pictures written so far. */
  readonly onProgress?: (written: number) => void;
}

/** Pictures rendered, encoded and written at the same time. */
const CONCURRENCY = 32;

/**
 * Writes an imagefolder: `train/` and `test/` with PNGs and `metadata.jsonl`, `ATTRIBUTION.md`, `scenes.json` (the options).
 * It is made under a temporary name and renamed when complete, so a folder of that name is always a whole one.
 */
export async function writeScenes(options: WriteOptions): Promise<void> {
  const temporary = `${options.out}.tmp-${process.pid}`;
  await mkdir(dirname(temporary), { recursive: true });
  try {
    await mkdir(temporary);
    const faint = await findFaintLooks(options.nouns);
    await writeSplit(temporary, 'train', { ...options, faint });
    await writeSplit(temporary, 'test', { ...options, faint });
    await writeFile(join(temporary, 'ATTRIBUTION.md'), attribution());
    await writeFile(join(temporary, 'scenes.json'), `${JSON.stringify(record(options), null, 2)}\n`);
    if (options.overwrite) await rm(options.out, { recursive: true, force: true });
    await rename(temporary, options.out);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

function record({ count, testCount, seed, size, nouns, scenes }: WriteOptions): unknown {
  return { count, testCount, seed, size, options: scenes, nouns: nouns.map((noun) => noun.word) };
}

async function writeSplit(root: string, split: Split, options: WriteOptions & { faint: FaintLooks }): Promise<void> {
  const count = split === 'train' ? options.count : options.testCount;
  const base = split === 'train' ? 0 : options.count;
  if (count === 0) return;
  const folder = join(root, split);
  await mkdir(folder);
  const maker = createSceneMaker(options.nouns, options.scenes, options.faint);
  const renderer = createRenderer(options.nouns, options.size);
  const byWord = new Map(options.nouns.map((noun) => [noun.word, noun]));
  let written = 0;
  const raw = { width: options.size, height: options.size, channels: 3 } as const;
  const writeOne = async (index: number): Promise<string> => {
    options.signal?.throwIfAborted();
    const scene = maker.scene(options.seed, index, split);
    const name = `${String(index).padStart(6, '0')}.png`;
    const png = sharp(await renderer.render(scene), { raw }).png({ compressionLevel: 6, adaptiveFiltering: false });
    await writeFile(join(folder, name), await png.toBuffer());
    options.onProgress?.(base + ++written);
    return metadataLine(name, scene, byWord);
  };
  const lines = await mapLimited(
    Array.from({ length: count }, (_, index) => index),
    CONCURRENCY,
    writeOne,
  );
  await writeFlushed(join(folder, 'metadata.jsonl'), `${lines.join('\n')}\n`);
}

function metadataLine(name: string, scene: Scene, nouns: ReadonlyMap<string, Noun>): string {
  const { style, ground } = scene;
  const noun = scene.items[0]?.word;
  return JSON.stringify({ file_name: name, text: captionOf(scene, nouns), noun, style, ground, scene });
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
