import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onnxEngine } from '@lascaux/nn/onnx';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { openAtlas, painterEmojis } from '@lascaux/scenes';
import { readArguments, UsageError, type Arguments } from './arguments.js';
import { chooseLooks, readLooks, valuesOf } from './looks.js';
import { paintLooks } from './paint.js';
import { judgeConfigs } from './network.js';
import { painterRenders } from './painter-renders.js';
import { reportText } from './report-text.js';
import { scorePictures } from './score.js';
import { trainClassifier, type TrainClassifierOptions } from './train-classifier.js';

/** What a command is run with. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  /** A line of results. */
  readonly result: (line: string) => void;
  /** A line about how far it is. */
  readonly note: (line: string) => void;
}

/** A command of the tool. */
export type Command = (context: CommandContext) => Promise<void>;

/** The commands by name. */
export const commands: Readonly<Record<string, Command>> = { train, score, paint };

/** At most one remark in this many milliseconds. */
const REMARK_EVERY = 5000;

function sparsely(note: (line: string) => void): (line: () => string) => void {
  let last = 0;
  return (line) => {
    if (Date.now() - last < REMARK_EVERY) return;
    last = Date.now();
    note(line());
  };
}

async function train({ args, signal, result, note }: CommandContext): Promise<void> {
  const values = ['data', 'painter', 'network', 'out', 'images', 'batch', 'rate', 'seed', 'threads'];
  const options = readArguments(args, { values, switches: ['resume'] });
  const remark = sparsely(note);
  const model = await trainClassifier({
    engine: onnxEngine({ device: 'cpu', threads: threadsOf(options) }),
    ...(options.has('painter') ? await judging(options) : { data: options.text('data', 'data/scenes') }),
    out: options.text('out', 'runs/classifier'),
    images: options.whole('images', { min: 1 }),
    batchSize: options.whole('batch', { min: 1 }),
    rate: options.number('rate'),
    seed: options.whole('seed'),
    resume: options.has('resume'),
    signal,
    onProgress: ({ imagesSeen, totalImages, loss, imagesPerSecond, secondsLeft }) => {
      const speed = `${imagesPerSecond.toFixed(0)} images/s, ${secondsLeft.toFixed(0)} s left`;
      remark(() => `${imagesSeen}/${totalImages} loss ${loss.toFixed(4)}, ${speed}`);
    },
  });
  result(model);
}

/** The painter's drawings as data, and one of the networks that judge them. */
async function judging(options: Arguments): Promise<Pick<TrainClassifierOptions, 'data' | 'config'>> {
  const [network = 'convolutions', ...more] = options.list('network', ['convolutions', 'transformer'] as const);
  if (more.length > 0 && options.has('network')) throw new UsageError('--network: must be one, got several');
  const atlas = await openAtlas(join(options.text('painter'), 'atlas'), painterEmojis());
  const data = painterRenders(atlas, options.whole('seed') ?? 0);
  return { data, config: judgeConfigs[network as keyof typeof judgeConfigs](data.nouns) };
}

async function score({ args, signal, result }: CommandContext): Promise<void> {
  const options = readArguments(args, { values: ['classifier', 'images', 'threads'], switches: ['json'] });
  const report = await scorePictures({
    classifier: options.text('classifier', 'runs/classifier'),
    images: options.text('images'),
    threads: threadsOf(options),
    signal,
  });
  result(options.has('json') ? JSON.stringify(report) : reportText(report));
}

async function paint({ args, signal, result, note }: CommandContext): Promise<void> {
  const values = ['model', 'data', 'out', 'per-noun', 'styles', 'grounds', 'seed', 'steps', 'guidance', 'scheduler'];
  const options = readArguments(args, { values, switches: ['overwrite'] });
  const out = options.text('out');
  if (existsSync(join(out, 'metadata.jsonl')) && !options.has('overwrite'))
    throw new UsageError(`--out: must not hold pictures without --overwrite, got "${out}"`);
  const known = await readLooks(options.text('data', 'data/scenes'));
  const looks = chooseLooks(known, {
    perNoun: options.whole('per-noun', { min: 1 }) ?? 2,
    styles: options.list('styles', valuesOf(known, 'style')),
    grounds: options.list('grounds', valuesOf(known, 'ground')),
  });
  const remark = sparsely(note);
  const pipeline = await TextToImagePipeline.fromPretrained(options.text('model', 'models/lascaux-mini'), { signal });
  try {
    await paintLooks({
      ...{ pipeline, looks, out, signal },
      seed: options.whole('seed') ?? 0,
      generate: {
        steps: options.whole('steps', { min: 1 }),
        guidanceScale: options.number('guidance'),
        sampler: options.has('scheduler') ? options.text('scheduler') : undefined,
      },
      onProgress: (painted) => remark(() => `${painted}/${looks.length} pictures`),
    });
  } finally {
    await pipeline.dispose();
  }
  result(`${out}: ${looks.length} pictures`);
}

const threadsOf = (options: Arguments): number | undefined => options.whole('threads', { min: 1 });
