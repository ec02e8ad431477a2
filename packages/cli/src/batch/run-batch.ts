import { extname } from 'node:path';
import { saveGrid } from '@lascaux/data';
import { readKnownWords } from '@lascaux/models';
import { TextToImagePipeline, sourceSize } from '@lascaux/pipeline';
import { promptNotes, settingNotes, wordNotes, type CallNote } from '@lascaux/pipeline/notes';
import { settingsText, type PictureSize } from '@lascaux/pipeline/options';
import { flagOf } from '../commands/flag-of.js';
import type { GenerateFlags } from '../commands/generate-flags.js';
import { noteLine } from '../commands/generate-notes.js';
import { lorasText } from '../commands/lora-flag.js';
import { checkWritable, defaultOutput, outputPaths } from '../commands/output-paths.js';
import { modelOfFlags, paint, report, sourceOf } from '../commands/run-generate.js';
import type { Terminal } from '../commands/terminal.js';
import type { BatchFlags } from './batch-flags.js';
import { planBatch, type Batch, type BatchItem } from './batch-plan.js';

/** An image of a batch with where it goes, and its size. */
interface PlacedItem extends BatchItem {
  readonly path: string;
  readonly size: PictureSize;
}

/** Pixels of a sheet: a hundred millions. */
const LARGEST_SHEET = 1e8;

/**
 * Runs `generate` for several prompts or settings: each image goes into a file of its own, then all onto a sheet. What an earlier run has
 * painted with the same settings is kept, so a run that was stopped goes on.
 */
export async function runBatch(flags: GenerateFlags, batchFlags: BatchFlags, terminal: Terminal): Promise<void> {
  const batch = await planBatch(flags.options, batchFlags);
  const first = batch.items[0]!.options;
  const out = flags.out ?? defaultOutput(flags.options.prompt || 'prompts', first.seed!);
  const paths = outputPaths(out, batch.items.length);
  await checkWritable(paths);
  const model = await modelOfFlags(flags, terminal);
  const items: PlacedItem[] = [];
  for (const [k, item] of batch.items.entries())
    items.push({ ...item, path: paths[k]!, size: await sourceSize(item.options, model) });
  const words = readKnownWords(model.path);
  const [pipeline] = await Promise.all([
    TextToImagePipeline.load(model, { device: flags.device, loras: flags.lora, signal: terminal.signal }),
    words.catch(() => undefined),
  ]);
  const noted = new Set<string>();
  const note = (line: string): void => {
    if (!noted.has(line)) terminal.note(`note: ${line}`);
    noted.add(line);
  };
  const tell = (told: readonly CallNote[]): void => told.map(noteLine).forEach(note);
  try {
    const known = await words;
    let kept = 0;
    for (const item of items) {
      tell([...settingNotes(item.options, model, item.size), ...wordNotes(item.options, known)]);
      if (await isPainted(item, pipeline, flags)) kept++;
      else tell(await paintItem(item, { pipeline, flags, terminal, note }));
    }
    if (kept > 0) note(`${kept} of ${items.length} images had been painted with these settings before, and were kept`);
  } finally {
    await pipeline.dispose();
  }
  await writeSheet(items, batch, { out, terminal, note });
}

/** Whether an earlier run has painted this: its file says the same settings. Of an image to start from, files say nothing. */
async function isPainted(
  { options, path, size }: PlacedItem,
  pipeline: TextToImagePipeline,
  { lora = [] }: GenerateFlags,
): Promise<boolean> {
  if (options.image !== undefined) return false;
  const { readImageInformation } = await import('@lascaux/pipeline/image');
  const found = await readImageInformation(path).catch(() => undefined);
  const { name, vaeName } = pipeline.model;
  const resolved = pipeline.resolve({ ...options, image: undefined, mask: undefined, ...size });
  return (
    found?.parameters ===
    settingsText(resolved, { seed: options.seed!, model: name, vae: vaeName, loras: lorasText(lora) })
  );
}

interface PaintContext {
  readonly pipeline: TextToImagePipeline;
  readonly flags: GenerateFlags;
  readonly terminal: Terminal;
  readonly note: (line: string) => void;
}

async function paintItem(
  { options, path, size }: PlacedItem,
  { pipeline, flags, terminal, note }: PaintContext,
): Promise<readonly CallNote[]> {
  const source = await sourceOf(options, size, (option) =>
    note(`${flagOf(option)}: white was laid behind the transparent parts`),
  );
  const result = await paint(
    pipeline,
    { ...options, ...size, image: source.image, mask: source.mask },
    { paths: [path], json: flags.json, loras: lorasText(flags.lora ?? []), terminal },
  );
  report(result, { flags, paths: [path], model: pipeline.model, notes: [], terminal });
  return promptNotes(result);
}

/** Lays the images out on one sheet, each under what sets it apart. */
async function writeSheet(
  items: readonly PlacedItem[],
  { columns }: Batch,
  { out, terminal, note }: { out: string; terminal: Terminal; note: (line: string) => void },
): Promise<void> {
  if (items.length < 2) return;
  const { width, height } = items[0]!.size;
  if (items.some(({ size }) => size.width !== width || size.height !== height))
    return note('no sheet was made: the images differ in size');
  if (items.length * width * height > LARGEST_SHEET)
    return note('no sheet was made: it would have over 100 megapixels');
  const { readPicture } = await import('@lascaux/pipeline/image');
  const images: Uint8Array[] = [];
  for (const { path, size } of items) images.push((await readPicture(path, size, { option: 'grid' })).pixels);
  const extension = extname(out);
  const path = `${out.slice(0, out.length - extension.length)}-grid.png`;
  await saveGrid(path, images, {
    ...{ width, height, captions: items.map(({ label }) => label) },
    ...(columns === undefined ? {} : { columns }),
  });
  terminal.result(`${path} (${items.length} images)`);
}
