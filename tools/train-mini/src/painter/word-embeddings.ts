import { randomStream } from '@lascaux/data';
import type { Engine, InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { linear, normal } from '@lascaux/nn/layers';
import type { BatchFunction, TrainOptions } from '@lascaux/training';
import { checkpointWeights, adamw, learningRate, train, traceTrainingStep } from '@lascaux/training';
import { accuracy, crossEntropy } from './classification.js';
import { VOCABULARY } from './text-network.js';
import { tokensOf, wordDrawer, type WordSource } from './word-drawer.js';

const { gather, matmul, reshape } = ops;

/** Words of a step. */
const BATCH = 2048;
/** Tokens of a word that are read; of all words 99.8 % have no more. */
const TOKENS = 14;
const RATE = 1e-2;

/** Options of `trainWordEmbeddings`. */
export interface WordEmbeddingOptions extends WordSource, Pick<TrainOptions, 'signal' | 'onProgress'> {
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

function wordBatches(source: WordSource): BatchFunction {
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

/**
 * Token embeddings whose mean over a word's tokens tells the noun that the word leads to (Joulin et al. 2017, "Bag of tricks for efficient text
 * classification"). At 10,000 words a second they learn in minutes what a transformer takes hours for, and are where it begins.
 * @returns the table, [vocabulary, width]
 */
export async function trainWordEmbeddings(options: WordEmbeddingOptions): Promise<Float32Array> {
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
  return (await checkpointWeights(checkpoint)).get('token_embedding.weight')!;
}
