import { join } from 'node:path';
import { appendFile } from 'node:fs/promises';
import type { DeviceTensor } from '@lascaux/nn';
import { trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, LOCALES, painterEmojis } from '@lascaux/scenes';
import type { TrainingView } from '@lascaux/training';
import {
  adamw,
  checkpointWeights,
  initializeParameters,
  learningRate,
  train,
  traceTrainingStep,
} from '@lascaux/training';
import { CODE_PARTS } from './appearance.js';
import { callbacksOf, type StageOptions } from './stage.js';
import { isFromReader, readerStart, trainPooledReader } from './pooled-reader.js';
import { isKept, keptStage } from './stage-weights.js';
import { picksOf, placesRead, textBatches } from './text-batches.js';
import { MAX_TOKENS } from './slot-tokens.js';
import { painterTextConfig, PICKS, readNoun, textInputs, textLoss } from './text-network.js';
import { painterTokenizer, trainedTokenizer } from './tokenizer.js';
import { trainWordEmbeddings } from './word-embeddings.js';

/** Captions of a step. */
const BATCH = 64;
const RATE = 6e-4;
/** Captions seen while words stay as they are, and the rate then. */
const [ROUTING, ROUTING_RATE] = [150_016, 2e-3];
const SEED = 2;
/** Names of each language that a report asks for. */
const ASKED = 64;

/** Words that the embeddings are learned from, and texts for the reader, before the rest. */
const [WORDS, TEXTS] = [4_000_000, 2_400_000];

/**
 * Trains the text encoder on endless captions, going on where an earlier run stopped; with `continued` from what the repository keeps of it,
 * or of the reader that it begins with.
 */
export async function textStage(options: StageOptions): Promise<string> {
  const { runs, images, threads, replicas, continued, signal } = options;
  const emojis = painterEmojis();
  const nouns = emojis.length;
  const source = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  const engine = onnxEngine({ threads });
  const out = join(runs, 'text-encoder');
  const tokenizer =
    continued === true ? await trainedTokenizer(runs) : await painterTokenizer(join(out, 'tokenizer'), source, nouns);
  const config = painterTextConfig(tokenizer);

  /** The share of names, by language, whose noun the slots say. */
  async function report({ engine: running, weights, imagesSeen, folder }: TrainingView): Promise<void> {
    const asking = {
      ids: { shape: [ASKED, MAX_TOKENS], dtype: 'int64' as const },
      picks: { shape: [ASKED, PICKS, MAX_TOKENS] },
    };
    const executable = await running.compile(
      trace(asking, (scope, readings) => ({ noun: readNoun(scope, readings, { config, nouns }) })),
    );
    const shares: Record<string, number> = {};
    for (const locale of LOCALES) {
      const words = emojis
        .flatMap((_, i) =>
          source.lexicon
            .of(i, locale)
            .filter(({ role }) => role !== 'character')
            .slice(0, 1),
        )
        .filter((_, i) => i % 23 === 7);
      const asked = words.slice(0, ASKED);
      const rows = Array.from({ length: ASKED }, (_, i) => tokenizer.encode(asked[i]?.text ?? '').ids);
      const ids = running.upload(BigInt64Array.from(rows.flat(), BigInt), [ASKED, MAX_TOKENS]);
      const places = rows.map((row, i) => placesRead(row.indexOf(tokenizer.endId), i % CODE_PARTS));
      const picks = running.upload(picksOf(places), asking.picks.shape);
      const { noun } = await executable.run({ ...weights, ids, picks });
      const answers = (await (noun as DeviceTensor).read()) as Float32Array;
      shares[locale] = asked.filter(({ emoji }, i) => answers[i] === emoji).length / asked.length;
      for (const tensor of [ids, picks, noun]) tensor?.dispose();
    }
    await executable.dispose();
    await appendFile(join(folder.samples, 'names.jsonl'), `${JSON.stringify({ imagesSeen, ...shares })}\n`);
  }

  const stepOf = (frozen: (name: string) => boolean) =>
    traceTrainingStep({
      inputs: textInputs(BATCH),
      loss: (scope, inputs) => textLoss(scope, inputs, { config, nouns }),
      optimizer: adamw({ betas: [0.9, 0.98], weightDecay: 0.02 }),
      clip: 1,
      frozen,
    });

  /** A reader of words, from nothing or from the one that the repository keeps. */
  async function trainedReader(): Promise<ReadonlyMap<string, Float32Array>> {
    const shared = { engine, tokenizer, nouns, ...callbacksOf(options) };
    const kept = continued === true ? await keptStage('pooled-reader') : undefined;
    const embeddings = async (): Promise<ReadonlyMap<string, Float32Array>> => {
      const table = await trainWordEmbeddings({
        ...{ ...shared, lexicon: source.lexicon, width: config.hidden_size, words: WORDS },
        directory: join(runs, 'word-embeddings'),
      });
      return new Map([['token_embedding.weight', table]]);
    };
    return trainPooledReader({
      ...{ ...shared, source, config, texts: TEXTS, replicas },
      ...{ initial: kept?.weights ?? (await embeddings()), begunAt: kept?.imagesSeen ?? 0 },
      directory: join(runs, 'pooled-reader'),
    });
  }

  const batches = textBatches({ source, tokenizer, nouns, batchSize: BATCH, seed: SEED });
  const shared = {
    ...{ engine, seed: SEED, emaDecay: 0.998, logEvery: BATCH * 64, resume: true, replicas, onSample: report },
    ...{ checkpointEvery: { minutes: 5 }, ...callbacksOf(options) },
  };

  /** What the places after the text are to ask for, learned while the words that a reader brings stay as they are. */
  async function routed(): Promise<ReadonlyMap<string, Float32Array>> {
    const reader = await trainedReader();
    if (signal?.aborted === true) return reader;
    const step = stepOf(isFromReader(reader));
    const { checkpoint } = await train({
      ...{ ...shared, step, batch: batches, directory: join(runs, 'text-routing'), totalImages: ROUTING },
      initial: readerStart(reader, initializeParameters(step.parameters, SEED)),
      learningRate: learningRate({
        ...{ peak: ROUTING_RATE, warmup: ROUTING / 20, decay: 'linear', decayFrom: ROUTING * 0.5, total: ROUTING },
      }),
      config: { kind: 'painter text encoder, words frozen', text: config, nouns, batchSize: BATCH, rate: ROUTING_RATE },
      sampleEvery: ROUTING / 10,
    });
    return checkpointWeights(checkpoint);
  }

  const kept = continued === true && isKept('text-encoder') ? await keptStage('text-encoder') : undefined;
  const initial = kept?.weights ?? (await routed());
  const begunAt = kept?.imagesSeen ?? ROUTING;
  if (signal?.aborted === true) return 'aborted';
  const { reason } = await train({
    ...{ ...shared, step: stepOf(() => false), directory: out, totalImages: images, initial },
    batch: (position) => batches({ ...position, imagesSeen: begunAt + position.imagesSeen }),
    learningRate: learningRate({
      ...{ peak: RATE, warmup: Math.min(5_000, images / 20), decay: 'linear', decayFrom: images * 0.1, total: images },
    }),
    config: { kind: 'painter text encoder', text: config, nouns, batchSize: BATCH, rate: RATE, images, begunAt },
    sampleEvery: Math.max(BATCH, Math.floor(images / 20)),
  });
  return reason;
}
