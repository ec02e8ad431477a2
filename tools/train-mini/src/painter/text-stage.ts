import { join } from 'node:path';
import { appendFile } from 'node:fs/promises';
import type { DeviceTensor, ParameterSpec } from '@lascaux/nn';
import { trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, LOCALES, openAtlas, painterEmojis } from '@lascaux/scenes';
import type { TrainingView } from '@lascaux/training';
import { initializeParameters, isHiddenMatrix, learningRate, muon, train, traceTrainingStep } from '@lascaux/training';
import { appearanceCodes } from './appearance.js';
import { callbacksOf, type StageOptions } from './stage.js';
import { readerStart, trainPooledReader } from './pooled-reader.js';
import { isKept, keptStage } from './stage-weights.js';
import { textBatches } from './text-batches.js';
import { MAX_TOKENS } from './slot-tokens.js';
import { painterTextConfig, readNoun, textInputs, textLoss } from './text-network.js';
import { painterTokenizer, trainedTokenizer } from './tokenizer.js';
import { trainWordEmbeddings } from './word-embeddings.js';

/** Captions of a step. */
const BATCH = 128;
const RATE = 7e-4;
const SEED = 2;
/** Names of each language that a report asks for. */
const ASKED = 64;

/** Words that the embeddings are learned from, and texts for the reader, before the rest. */
const [WORDS, TEXTS] = [4_000_000, 1_600_000];

/** A classifier's weights are no hidden matrix: rare answers need large steps of their own, which Muon levels out. */
const isHead = ({ name }: ParameterSpec): boolean => name.startsWith('heads.');

/**
 * Trains the text encoder on endless captions, going on where an earlier run stopped; with `continued` from what the repository keeps of it,
 * or of the reader that it begins with.
 */
export async function textStage(options: StageOptions): Promise<string> {
  const { runs, data, images, threads, replicas, continued, signal } = options;
  const emojis = painterEmojis();
  const nouns = emojis.length;
  const source = { lexicon: loadLexicon(emojis), phrases: loadPhrases() };
  const engine = onnxEngine({ threads });
  const out = join(runs, 'text-encoder');
  const tokenizer =
    continued === true ? await trainedTokenizer(runs) : await painterTokenizer(join(out, 'tokenizer'), source, nouns);
  const config = painterTextConfig(tokenizer);
  const codes = await appearanceCodes(engine, await openAtlas(join(data, 'atlas'), emojis));

  /** The share of names, by language, whose noun the slots say. */
  async function report({ engine: running, weights, imagesSeen, folder }: TrainingView): Promise<void> {
    const executable = await running.compile(
      trace({ ids: { shape: [ASKED, MAX_TOKENS], dtype: 'int64' } }, (scope, { ids }) => ({
        noun: readNoun(scope, ids, { config, nouns }),
      })),
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
      const { noun } = await executable.run({ ...weights, ids });
      const answers = (await (noun as DeviceTensor).read()) as Float32Array;
      shares[locale] = asked.filter(({ emoji }, i) => answers[i] === emoji).length / asked.length;
      ids.dispose();
      noun?.dispose();
    }
    await executable.dispose();
    await appendFile(join(folder.samples, 'names.jsonl'), `${JSON.stringify({ imagesSeen, ...shares })}\n`);
  }

  const step = traceTrainingStep({
    inputs: textInputs(BATCH, nouns),
    loss: (scope, inputs) => textLoss(scope, inputs, config),
    optimizer: muon({ betas: [0.9, 0.98], weightDecay: 0.02, hidden: (spec) => isHiddenMatrix(spec) && !isHead(spec) }),
    clip: 1,
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
      ...{ ...shared, source, config, codes, texts: TEXTS, replicas },
      ...{ initial: kept?.weights ?? (await embeddings()), begunAt: kept?.imagesSeen ?? 0 },
      directory: join(runs, 'pooled-reader'),
    });
  }

  const kept = continued === true && isKept('text-encoder') ? await keptStage('text-encoder') : undefined;
  const initial = kept?.weights ?? readerStart(await trainedReader(), initializeParameters(step.parameters, SEED));
  const begunAt = kept?.imagesSeen ?? 0;
  const batches = textBatches({ source, codes, tokenizer, nouns, batchSize: BATCH, seed: SEED });
  if (signal?.aborted === true) return 'aborted';
  const { reason } = await train({
    engine,
    step,
    batch: (position) => batches({ ...position, imagesSeen: begunAt + position.imagesSeen }),
    directory: out,
    seed: SEED,
    totalImages: images,
    learningRate: learningRate({
      peak: RATE,
      warmup: Math.min(5_000, images / 20),
      decay: 'linear',
      decayFrom: images * 0.4,
      total: images,
    }),
    emaDecay: 0.998,
    config: { kind: 'painter text encoder', text: config, nouns, batchSize: BATCH, rate: RATE, images, begunAt },
    checkpointEvery: { minutes: 5 },
    logEvery: BATCH * 16,
    sampleEvery: Math.max(BATCH, Math.floor(images / 40)),
    resume: true,
    initial,
    replicas,
    onSample: report,
    ...callbacksOf(options),
  });
  return reason;
}
