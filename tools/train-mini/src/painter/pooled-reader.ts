import { randomStream } from '@lascaux/data';
import type { Engine, InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { layerNorm, linear, normal } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { painterCaption, painterScene, STYLES, type CaptionSource, type PainterScene } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import type { BatchFunction, TrainOptions } from '@lascaux/training';
import { adamw, checkpointWeights, learningRate, train, traceTrainingStep } from '@lascaux/training';
import { accuracy, largestOfEach, purity } from './classification.js';
import { FIRST_SLOT } from './slot-tokens.js';
import {
  besidePlaces,
  drawingLogits,
  ELSEWHERE,
  feedForward,
  memoryLoss,
  PLACE_CODE,
  placeCodes,
  toState,
  UNITS,
  wordsAt,
} from './text-network.js';
import { plainScene, tokensOf, wordDrawer } from './word-drawer.js';

const { add, matmul, mul, reshape, softmax, transpose } = ops;

/** Texts of a step. */
const BATCH = 1024;
/** Tokens of a text, start and ends included; longer captions are left out here. */
const TOKENS = 18;
const RATE = 2e-3;
/** Share of captions; the others are single words, of which there are the most. */
const CAPTIONS = 0.5;
const SHARES = { single: 1, count: 0, coloured: 0.2, white: 0.4 };
const SEED = 11;

/** Options of `trainPooledReader`. */
export interface PooledReaderOptions extends Pick<TrainOptions, 'signal' | 'onProgress' | 'replicas'> {
  readonly engine: Engine;
  readonly directory: string;
  readonly source: CaptionSource;
  readonly tokenizer: ClipTokenizer;
  readonly config: CLIPTextConfig;
  /** How many emoji there are. */
  readonly nouns: number;
  /** Weights to begin with by name: the embeddings of the tokens, or all of an earlier reader's. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Texts that those were trained on; default 0. */
  readonly begunAt?: number;
  /** Texts to see from there on. */
  readonly texts: number;
}

const inputs = {
  ids: { shape: [BATCH, TOKENS], dtype: 'int64' },
  end: { shape: [1], dtype: 'int64' },
  noun: { shape: [BATCH], dtype: 'int64' },
  drawing: { shape: [BATCH], dtype: 'int64' },
} satisfies InputTypes;

type Inputs = { readonly [Name in keyof typeof inputs]: Value };

/**
 * The layer of the encoder by whose attention a place reads. In the one before it words learn which thing they are about, since what tells them
 * apart cannot be seen by a query of the very layer that gathers them.
 */
const READS = 1;

/** What the attention of a layer of CLIP with one query for each head gathers from words [N, T, C]: [N, C]. */
function gathered(scope: Scope, words: Value, config: CLIPTextConfig): Value {
  const { num_attention_heads: heads, layer_norm_eps: epsilon } = config;
  const [batch, length, width] = words.shape as readonly [number, number, number];
  const tokens = layerNorm(scope.at('layer_norm1'), words, { epsilon });
  const attention = scope.at('self_attn');
  const each = width / heads;
  const projected = (name: string): Value => {
    const all = linear(attention.at(name), tokens, { out: width, initializer: normal(0.5 * width ** -0.5) });
    return transpose(reshape(all, [batch, length, heads, each]), [0, 2, 1, 3]);
  };
  const query = reshape(attention.at('q_proj').parameter('bias', [width], normal(0.3)), [1, heads, each, 1]);
  const scores = reshape(matmul(projected('k_proj'), query), [batch, heads, 1, length]);
  const pooled = reshape(matmul(softmax(mul(scores, each ** -0.5)), projected('v_proj')), [batch, width]);
  return toState(attention.at('out_proj'), pooled, { out: width, deviation: width ** -0.5 });
}

/** Texts as the pooled reader takes them. */
interface Texts {
  /** [N, T], filled up with end tokens. */
  readonly ids: Value;
  /** The end token, [1]. */
  readonly end: Value;
}

/** What the first slot of thing A is to hold before the keys, [N, width]: what one query gathers, and the feed-forward half of the layer. */
export function pooledState(scope: Scope, { ids, end }: Texts, config: CLIPTextConfig): Value {
  const { hidden_size: width, layer_norm_eps: epsilon } = config;
  const words = add(wordsAt(scope, ids, config), placeCodes(ids, [ELSEWHERE], width));
  const pooled = gathered(scope, words, config);
  const place = add(
    scope.parameter('place', [1, width], normal(0.02)),
    add(wordsAt(scope, end, config), placeCodes(ids, [PLACE_CODE], width)),
  );
  const state = feedForward(scope, add(pooled, place), { units: UNITS, config });
  return besidePlaces(layerNorm(scope.at('final_layer_norm'), state, { epsilon }));
}

function readerLoss(scope: Scope, { ids, end, noun, drawing }: Inputs, { config, nouns }: PooledReaderOptions) {
  const logits = drawingLogits(scope, pooledState(scope, { ids, end }, config), nouns);
  return {
    loss: memoryLoss(logits, drawing),
    metrics: {
      drawing: accuracy(logits, drawing),
      noun: accuracy(largestOfEach(logits, nouns, STYLES.length), noun),
      purity: purity(logits, drawing),
    },
  };
}

/** What a text shows. */
interface Shown {
  readonly ids: readonly number[];
  readonly scene: PainterScene;
}

function readerBatches({ source, tokenizer, nouns }: PooledReaderOptions): BatchFunction {
  const draw = wordDrawer({ lexicon: source.lexicon, tokenizer, nouns });
  const known = new Map<string, readonly number[]>();
  const room = TOKENS - 2;
  const end = BigInt64Array.of(BigInt(tokenizer.endId));

  function captioned(index: number): Shown | undefined {
    const scene = painterScene({ seed: SEED, count: nouns, shares: SHARES }, index);
    const ids = tokensOf(tokenizer, painterCaption(scene, source, randomStream(`caption/${SEED}/${index}`)));
    return ids.length > room ? undefined : { ids, scene };
  }

  return ({ imagesSeen }) => {
    const random = randomStream(`pools of tokens/${imagesSeen}`);
    const ids = new BigInt64Array(BATCH * TOKENS).fill(BigInt(tokenizer.endId));
    const [noun, drawing] = [new BigInt64Array(BATCH), new BigInt64Array(BATCH)];
    const word = (): Shown => {
      const { text, emoji } = draw(random);
      const row = known.get(text) ?? tokensOf(tokenizer, text).slice(0, room);
      known.set(text, row);
      return { ids: row, scene: plainScene(emoji) };
    };
    for (let k = 0; k < BATCH; k++) {
      const isCaption = random.next() < CAPTIONS;
      const { ids: row, scene } = (isCaption ? captioned(imagesSeen + k) : undefined) ?? word();
      [tokenizer.startId, ...row].forEach((id, i) => (ids[k * TOKENS + i] = BigInt(id)));
      const { emoji } = scene.items[0]!;
      noun[k] = BigInt(emoji);
      drawing[k] = BigInt(emoji * STYLES.length + STYLES.indexOf(scene.style));
    }
    return { inputs: { ids, end, noun, drawing }, images: BATCH };
  };
}

/**
 * A reader of the shape of the text encoder's second layer with one query and one place: words and captions of single things → the drawing. It sees a
 * thousand texts a second where the whole encoder sees a hundred, and learns what takes the most exposures, tens of thousands of words and what
 * each means, before that one begins.
 * Why: docs/decisions/0158.
 */
export async function trainPooledReader(options: PooledReaderOptions): Promise<ReadonlyMap<string, Float32Array>> {
  const { engine, directory, texts, initial, begunAt = 0, replicas = 1, signal, onProgress } = options;
  const batches = readerBatches(options);
  const { checkpoint } = await train({
    engine,
    step: traceTrainingStep({
      inputs,
      loss: (scope, values) => readerLoss(scope, values, options),
      optimizer: adamw({ betas: [0.9, 0.98], weightDecay: 0 }),
      clip: 1,
    }),
    batch: (position) => batches({ ...position, imagesSeen: begunAt + position.imagesSeen }),
    directory,
    seed: 1,
    totalImages: texts,
    learningRate: learningRate({
      ...{ peak: RATE, warmup: texts / 50, decay: 'linear', decayFrom: texts * 0.4, total: texts },
    }),
    emaDecay: 0.99,
    config: { kind: 'pooled reader of captions', batchSize: BATCH, rate: RATE, texts, begunAt },
    initial,
    replicas,
    checkpointEvery: { minutes: 5 },
    logEvery: BATCH * 20,
    resume: true,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return checkpointWeights(checkpoint);
}

/**
 * How much smaller than usual the first values are of what would disturb a reader: what depends on the place, and all that the layer before adds.
 */
const QUIET: readonly (readonly [RegExp, number])[] = [
  [/position_embedding\.weight$/, 0.1],
  [/layers\.0\.(self_attn\.out_proj|mlp\.fc2)\.weight$/, 0.03],
  [/layers\.1\.self_attn\.q_proj\.weight$/, 0.1],
];

/** The text encoder's name of a reader's parameter; none for what it has no place for. */
function encoderName(name: string): string | undefined {
  if (/^(layer_norm1|self_attn|layer_norm2|mlp)\./.test(name)) return `text_model.encoder.layers.${READS}.${name}`;
  if (name.startsWith('final_layer_norm.')) return `text_model.${name}`;
  if (name.startsWith('token_embedding.')) return `text_model.embeddings.${name}`;
  return name.startsWith('keys.') ? `heads.${name}` : undefined;
}

/** Whether a parameter of the text encoder is one that a reader brings: its words and what they lead to. */
export const isFromReader = (reader: ReadonlyMap<string, Float32Array>): ((name: string) => boolean) => {
  const names = new Set([...reader.keys()].map(encoderName));
  return (name) => names.has(name);
};

/**
 * The text encoder's weights that make each of its slots for things a pooled reader; the rest is drawn, and small where it would disturb.
 * @param reader a reader's weights by name
 * @param drawn the encoder's first values by name, as they would be without it
 */
export function readerStart(
  reader: ReadonlyMap<string, Float32Array>,
  drawn: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const quiet = [...drawn].flatMap(([name, values]) => {
    const [, factor] = QUIET.find(([disturbing]) => disturbing.test(name)) ?? [];
    return factor === undefined ? [] : [[name, values.map((value) => factor * value)] as const];
  });
  const own = [...reader].flatMap(([name, values]) => {
    const place = encoderName(name);
    return place === undefined ? [] : [[place, values] as const];
  });
  const start = new Map([...quiet, ...own]);
  const place = reader.get('place')!;
  const positions = start.get('position_embedding.weight')!;
  for (const thing of [0, 1]) positions.set(place, (FIRST_SLOT + thing) * place.length);
  return start;
}
