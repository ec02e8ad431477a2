import { randomStream } from '@lascaux/data';
import type { Engine, InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear, normal } from '@lascaux/nn/layers';
import type { BatchFunction, TrainOptions } from '@lascaux/training';
import { checkpointWeights, adamw, learningRate, train, traceTrainingStep } from '@lascaux/training';
import { accuracy, crossEntropy } from './classification.js';
import { VOCABULARY } from './text-network.js';
import { tokensOf, wordDrawer, type WordListSource } from './word-lists.js';

const { gather, matmul, reshape } = ops;

/** Words of a step. */
const BATCH = 2048;
/** Tokens of a word that are read; of all words 99.8 % have no more. */
const TOKENS = 14;
const RATE = 1e-2;

/** Options of `trainWordEmbeddings`. */
export interface WordEmbeddingOptions extends WordListSource, Pick<TrainOptions, 'signal' | 'onProgress'> {
  readonly engine: Engine;
  readonly directory: string;
  /** Width of an embedding. */
  readonly width: number;
  /** Words to see. */
  readonly words: number;
}

/** Inputs of a step: tokens of words, the share of each in its word's mean, and the nouns that the words lead to. */
const inputs = {
  ids: { shape: [BATCH, TOKENS], dtype: 'int64' },
  shares: { shape: [BATCH, 1, TOKENS] },
  noun: { shape: [BATCH], dtype: 'int64' },
} satisfies InputTypes;

function bagLoss(
  scope: Scope,
  { ids, shares, noun }: { readonly [Name in keyof typeof inputs]: Value },
  { width, nouns }: { readonly width: number; readonly nouns: number },
) {
  const table = scope.at('token_embedding').parameter('weight', [VOCABULARY, width], normal(0.02));
  const bag = reshape(matmul(shares, gather(table, ids)), [BATCH, width]);
  const logits = linear(scope.at('noun'), bag, { out: nouns + 1, initializer: normal(0.05) });
  return { loss: crossEntropy(logits, noun), metrics: { noun_word: accuracy(logits, noun) } };
}

function wordBatches(source: WordListSource): BatchFunction {
  const draw = wordDrawer(source);
  const known = new Map<string, readonly number[]>();
  return ({ imagesSeen }) => {
    const random = randomStream(`bags of tokens/${imagesSeen}`);
    const ids = new BigInt64Array(BATCH * TOKENS);
    const shares = new Float32Array(BATCH * TOKENS);
    const noun = new BigInt64Array(BATCH);
    for (let k = 0; k < BATCH; k++) {
      const { text, emoji } = draw(random);
      const tokens = known.get(text) ?? tokensOf(source.tokenizer, text).slice(0, TOKENS);
      known.set(text, tokens);
      tokens.forEach((token, i) => {
        ids[k * TOKENS + i] = BigInt(token);
        shares[k * TOKENS + i] = 1 / tokens.length;
      });
      noun[k] = BigInt(emoji);
    }
    return { inputs: { ids, shares, noun }, images: BATCH };
  };
}

/** Root mean square of the means of the words' embeddings. */
function meanSize(table: Float32Array, { lexicon, tokenizer, width }: WordEmbeddingOptions): number {
  let [squares, count] = [0, 0];
  for (const word of [...lexicon.words.keys()].filter((_, i) => i % 50 === 0)) {
    const tokens = tokensOf(tokenizer, word);
    for (let i = 0; i < width; i++) {
      const mean = tokens.reduce((sum, token) => sum + table[token * width + i]!, 0) / tokens.length;
      squares += mean ** 2;
    }
    count += width;
  }
  return Math.sqrt(squares / count);
}

/** Token embeddings, and a linear classifier of their mean. */
export interface WordEmbeddings {
  /** [VOCABULARY, width] */
  readonly table: Float32Array;
  /** Of the classifier, for means of root mean square 1: [nouns + 1, width] and [nouns + 1]. */
  readonly noun: { readonly weight: Float32Array; readonly bias: Float32Array };
}

/**
 * Token embeddings whose mean over a word's tokens tells the noun that the word leads to (Joulin et al. 2017, "Bag of tricks for efficient text
 * classification"). At 10,000 words a second they learn in minutes what a transformer takes hours for, and are where it begins.
 */
export async function trainWordEmbeddings(options: WordEmbeddingOptions): Promise<WordEmbeddings> {
  const { engine, directory, words, signal, onProgress } = options;
  const { checkpoint } = await train({
    engine,
    step: traceTrainingStep({
      inputs,
      loss: (scope, values) => bagLoss(scope, values, options),
      optimizer: adamw({ betas: [0.9, 0.98], weightDecay: 0 }),
    }),
    batch: wordBatches(options),
    directory,
    seed: 1,
    totalImages: words,
    learningRate: learningRate({
      ...{ peak: RATE, warmup: words / 50, decay: 'linear', decayFrom: words * 0.3, total: words },
    }),
    emaDecay: 0.99,
    config: { kind: "embeddings of the painter's words", batchSize: BATCH, rate: RATE, words },
    checkpointEvery: { minutes: 5 },
    logEvery: BATCH * 40,
    resume: true,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const weights = await checkpointWeights(checkpoint);
  const table = weights.get('token_embedding.weight')!;
  const size = meanSize(table, options);
  return {
    table,
    noun: { weight: weights.get('noun.weight')!.map((value) => value * size), bias: weights.get('noun.bias')! },
  };
}
