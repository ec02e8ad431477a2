import { check, writeFileAtomically } from '@lascaux/nn';
import type { PromptSyntax } from '@lascaux/text-encoder';
import { OPTION_RANGES, checkSize, type PictureSize, type ResolvedOptions } from '../generate-options.js';
import { imageFormatOf } from '../image/image-format.js';
import { settingsText } from '../image/settings-text.js';
import { defaultsOf } from '../model/defaults.js';
import { openModelFolder, type ModelFolder } from '../model/model-folder.js';
import { largestSide, sizeLike, sizeMultiple } from '../model/picture-size.js';
import { findVae, withVae, type VaeFolder } from '../model/vae-folder.js';
import type { GenerateResult } from '../pipeline-types.js';
import type { SourceOptions } from '../source-picture.js';
import { TextToImagePipeline } from '../text-to-image-pipeline.js';
import { unreadSyntax } from '../unread-syntax.js';
import { modelOfFlag } from './model-of-flag.js';
import { checkWritable, defaultOutput, outputPaths } from './output-paths.js';
import { stepProgress } from './progress.js';
import { resolveSeed } from './random-seed.js';
import type { Terminal } from './terminal.js';

/** The flags of `generate`, already checked one by one. */
export interface GenerateFlags {
  readonly prompt: string;
  readonly out?: string;
  readonly model?: string;
  /** Folder of an autoencoder in place of the model's own. */
  readonly vae?: string;
  readonly negative?: string;
  /** -1 draws a seed. */
  readonly seed: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly guidanceRescale?: number;
  readonly clipSkip?: number;
  readonly promptSyntax?: PromptSyntax;
  /** For SDXL, which is told sizes. */
  readonly originalSize?: PictureSize;
  readonly crop?: { readonly left: number; readonly top: number };
  readonly targetSize?: PictureSize;
  readonly scheduler?: string;
  readonly width?: number;
  readonly height?: number;
  readonly count: number;
  readonly device: string;
  readonly image?: string;
  readonly strength?: number;
  readonly mask?: string;
  /** For a model of the hub: which weights. */
  readonly variant?: string;
  /** For a model of the hub: the cache alone. */
  readonly offline?: true;
  readonly json: boolean;
}

/** Runs `generate`: checks paths and sizes, loads the model, paints, and writes each picture as soon as it is there. */
export async function runGenerate(flags: GenerateFlags, terminal: Terminal): Promise<void> {
  const seed = resolveSeed(flags.seed);
  const paths = outputPaths(flags.out ?? defaultOutput(flags.prompt, seed), flags.count);
  await checkWritable(paths);
  const own = await openModelFolder(
    await modelOfFlag(flags.model, terminal, { offline: flags.offline, variant: flags.variant }),
  );
  const model = flags.vae === undefined ? own : withVae(own, await vaeOfFlag(flags.vae, own, { flags, terminal }));
  const size = await pictureSize(flags, model);
  const source = await readSource(flags, size);
  // Sessions open in the runtime's own threads; the picture library's native part is loaded meanwhile.
  const [pipeline] = await Promise.all([
    TextToImagePipeline.load(model, { device: flags.device, signal: terminal.signal }),
    import('../image/encode-image.js'),
  ]);
  try {
    const result = await paint(pipeline, { ...flags, ...size, seed }, { paths, source, terminal });
    report(result, { flags, paths, model, terminal });
  } finally {
    await pipeline.dispose();
  }
}

/** The autoencoder that `--vae` names: a folder, or one of the hub. */
async function vaeOfFlag(
  vae: string,
  model: ModelFolder,
  { flags, terminal }: { flags: GenerateFlags; terminal: Terminal },
): Promise<VaeFolder> {
  const options = { flag: '--vae', offline: flags.offline, autoencoder: true };
  return findVae(await modelOfFlag(vae, terminal, options), model, '--vae');
}

async function paint(
  pipeline: TextToImagePipeline,
  flags: GenerateFlags,
  { paths, source, terminal }: { paths: readonly string[]; source: SourceOptions; terminal: Terminal },
): Promise<GenerateResult> {
  const progress = stepProgress(terminal);
  const remaining = [...paths];
  const { prompt, negative, seed, steps, guidance, scheduler, width, height, count } = flags;
  const { guidanceRescale, clipSkip, promptSyntax, originalSize, crop, targetSize } = flags;
  try {
    return await pipeline.generate({
      prompt,
      negativePrompt: negative,
      seed,
      steps,
      guidanceScale: guidance,
      guidanceRescale,
      clipSkip,
      promptSyntax,
      originalSize,
      cropTopLeft: crop,
      targetSize,
      scheduler,
      width,
      height,
      count,
      ...source,
      signal: terminal.signal,
      onStep: progress.update,
      onImage: async (image, resolved) => {
        const { encodeImage } = await import('../image/encode-image.js');
        const path = remaining.shift()!;
        const { model } = pipeline;
        const text = settingsText(resolved, { seed: image.seed, model: model.name, vae: model.vaeName });
        await writeFileAtomically(path, await encodeImage(image, imageFormatOf(path), text));
        // Told at once: whoever stops a long run keeps what is done, and knows it.
        progress.stop();
        if (!flags.json) terminal.result(`${path} (${image.width}x${image.height}, seed ${image.seed})`);
      },
    });
  } finally {
    progress.stop();
  }
}

/**
 * The size to paint: the flags', else that of the picture to start from, at about the model's number of pixels, else the
 * model's own. It is checked against the configuration here; what the graphs fix is checked once they are loaded.
 */
async function pictureSize({ width, height, image }: GenerateFlags, model: ModelFolder) {
  const defaults = defaultsOf(model);
  const multiple = sizeMultiple(model);
  const like = image === undefined ? defaults : sizeLike(await sizeOfPicture(image), defaults, multiple);
  const size = { width: width ?? like.width, height: height ?? like.height };
  check(width !== undefined || height !== undefined || image === undefined || isPaintable(like), {
    operation: '--image',
    rule: 'too long and thin to be painted in its own shape; name --width and --height',
    value: `${like.width}x${like.height}`,
    accepted: `sides of ${range.minimum} to ${range.maximum}`,
    kind: 'usage',
  });
  checkSize(size, { multiple, largest: largestSide(model) }, (option) => `--${option}`);
  return size;
}

const range = OPTION_RANGES.width;

const isPaintable = ({ width, height }: PictureSize): boolean =>
  Math.min(width, height) >= range.minimum && Math.max(width, height) <= range.maximum;

async function sizeOfPicture(path: string) {
  const { readPictureSize } = await import('../image/read-picture.js');
  return readPictureSize(path, '--image');
}

async function readSource(
  { image, mask, strength }: GenerateFlags,
  size: { width: number; height: number },
): Promise<SourceOptions> {
  if (image === undefined) return {};
  const { readMask, readPicture } = await import('../image/read-picture.js');
  return {
    image: await readPicture(image, size, '--image'),
    strength,
    mask: mask === undefined ? undefined : await readMask(mask, size, '--mask'),
  };
}

function report(
  { images, timings, options, truncated }: GenerateResult,
  facts: { flags: GenerateFlags; paths: readonly string[]; model: ModelFolder; terminal: Terminal },
): void {
  const { flags, paths, model, terminal } = facts;
  const notes = [...truncationNotes(truncated), ...syntaxNotes(options)];
  for (const note of notes) terminal.note(`note: ${note}`);
  if (!flags.json) return;
  const pictures = images.map(({ seed, width, height }, index) => ({ path: paths[index], seed, width, height }));
  const described = { images: pictures, ...options, model: model.path, device: flags.device, timings };
  terminal.result(JSON.stringify(notes.length === 0 ? described : { ...described, notes }));
}

const truncationNotes = ({ prompt, negativePrompt }: GenerateResult['truncated']): string[] =>
  Object.entries({ prompt, '--negative': negativePrompt }).flatMap(([name, tokens]) =>
    tokens > 0 ? [`${name}: ${tokens} tokens did not fit and were left out`] : [],
  );

const syntaxNotes = ({ prompt, negativePrompt, promptSyntax }: ResolvedOptions): string[] =>
  Object.entries(promptSyntax === 'plain' ? {} : { prompt, '--negative': negativePrompt }).flatMap(([name, text]) =>
    unreadSyntax(text).map((part) => `${name}: ${JSON.stringify(part)} is not understood and was read as words`),
  );
