import { findVae, openModelFolder, readKnownWords, withVae, type ModelFolder, type VaeFolder } from '@lascaux/models';
import { writeFileAtomically } from '@lascaux/nn';
import { TextToImagePipeline, sourceSize, type GenerateOptions, type GenerateResult } from '@lascaux/pipeline';
import { promptNotes, settingNotes, wordNotes, type CallNote } from '@lascaux/pipeline/notes';
import type { readSource } from '@lascaux/pipeline/image';
import { GENERATE_OPTIONS, imageFormatOf, resolveSeed, settingsText } from '@lascaux/pipeline/options';
import { flagOf } from './flag-of.js';
import type { GenerateFlags } from './generate-flags.js';
import { noteLine } from './generate-notes.js';
import { lorasText } from './lora-flag.js';
import { modelOfFlag } from './model-of-flag.js';
import { checkWritable, defaultOutput, outputPaths } from './output-paths.js';
import { stepProgress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Runs `generate`: checks paths and sizes, loads the model, paints, and writes each picture as soon as it is there. */
export async function runGenerate(flags: GenerateFlags, terminal: Terminal): Promise<void> {
  const { options } = flags;
  const { count = GENERATE_OPTIONS.count.default } = options;
  const seed = resolveSeed(options.seed ?? GENERATE_OPTIONS.seed.default);
  const paths = outputPaths(flags.out ?? defaultOutput(options.prompt, seed), count);
  await checkWritable(paths);
  const model = await modelOfFlags(flags, terminal);
  const size = await sourceSize(options, model);
  const notes: string[] = [];
  const note = (line: string): void => {
    notes.push(line);
    terminal.note(`note: ${line}`);
  };
  const tell = (told: readonly CallNote[]): void => told.map(noteLine).forEach(note);
  tell(settingNotes(options, model, size));
  const source = await sourceOf(options, size, (option) =>
    note(`${flagOf(option)}: white was laid behind the transparent parts`),
  );
  // Sessions open in the runtime's own threads; the picture library's native part and the words are loaded meanwhile.
  const words = readKnownWords(model.path);
  const [pipeline] = await Promise.all([
    TextToImagePipeline.load(model, { device: flags.device, loras: flags.lora, signal: terminal.signal }),
    import('@lascaux/pipeline/image'),
    words.catch(() => undefined),
  ]);
  try {
    tell(wordNotes(options, await words));
    const result = await paint(
      pipeline,
      { ...options, ...size, image: source.image, mask: source.mask, seed },
      { paths, json: flags.json, loras: lorasText(flags.lora ?? []), terminal },
    );
    tell(promptNotes(result));
    report(result, { flags, paths, model, notes, terminal });
  } finally {
    await pipeline.dispose();
  }
}

/** The model that flags name, with the autoencoder that they name. */
export async function modelOfFlags(flags: GenerateFlags, terminal: Terminal): Promise<ModelFolder> {
  const own = await openModelFolder(
    await modelOfFlag(flags.model, terminal, { offline: flags.offline, variant: flags.variant }),
  );
  return flags.vae === undefined ? own : withVae(own, await vaeOfFlag(flags.vae, own, { flags, terminal }));
}

/** The image and mask to start from; the library that decodes them is loaded for one only. */
export async function sourceOf(
  ...[options, size, onTransparent]: Parameters<typeof readSource>
): Promise<Pick<GenerateOptions, 'image' | 'mask'>> {
  if (options.image === undefined) return {};
  const { readSource: read } = await import('@lascaux/pipeline/image');
  return read(options, size, onTransparent);
}

/** The autoencoder that `--vae` names: a folder, or one of the hub. */
async function vaeOfFlag(
  vae: string,
  model: ModelFolder,
  { flags, terminal }: { flags: GenerateFlags; terminal: Terminal },
): Promise<VaeFolder> {
  const options = { option: 'vae', offline: flags.offline, autoencoder: true };
  return findVae(await modelOfFlag(vae, terminal, options), model, 'vae');
}

/** Paints images and writes each, with its settings, as soon as it is there. */
export async function paint(
  pipeline: TextToImagePipeline,
  options: GenerateOptions,
  {
    paths,
    json,
    loras,
    terminal,
  }: { paths: readonly string[]; json: boolean; loras: string | undefined; terminal: Terminal },
): Promise<GenerateResult> {
  const progress = stepProgress(terminal);
  const remaining = [...paths];
  try {
    return await pipeline.generate({
      ...options,
      signal: terminal.signal,
      onStep: progress.update,
      onImage: async (image, resolved) => {
        const { encodeImage } = await import('@lascaux/pipeline/image');
        const path = remaining.shift()!;
        const { model } = pipeline;
        const text = settingsText(resolved, { seed: image.seed, model: model.name, vae: model.vaeName, loras });
        await writeFileAtomically(path, await encodeImage(image, imageFormatOf(path), text));
        // Told at once: whoever stops a long run keeps what is done, and knows it.
        progress.stop();
        if (!json) terminal.result(`${path} (${image.width}x${image.height}, seed ${image.seed})`);
      },
    });
  } finally {
    progress.stop();
  }
}

/** Prints what was painted, where JSON is asked for. */
export function report(
  { images, timings, options }: GenerateResult,
  facts: {
    flags: GenerateFlags;
    paths: readonly string[];
    model: ModelFolder;
    notes: readonly string[];
    terminal: Terminal;
  },
): void {
  const { flags, paths, model, notes, terminal } = facts;
  if (!flags.json) return;
  const pictures = images.map(({ seed, width, height }, index) => ({ path: paths[index], seed, width, height }));
  const described = { images: pictures, ...options, model: model.path, device: flags.device, timings };
  terminal.result(JSON.stringify(notes.length === 0 ? described : { ...described, notes }));
}
