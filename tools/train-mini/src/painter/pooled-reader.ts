import { randomStream } from '@lascaux/data';
import type { Engine, InputTypes, Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { layerNorm, linear, normal } from '@lascaux/nn/layers';
import type { CLIPTextConfig } from '@lascaux/nn/networks';
import { painterCaption, painterScene, STYLES, type CaptionSource, type PainterScene } from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import type { BatchFunction, TrainOptions } from '@lascaux/training';
import { checkpointWeights, isHiddenMatrix, learningRate, muon, train, traceTrainingStep } from '@lascaux/training';
import { CODE_LENGTH, CODE_PARTS, codesOfAll, type AppearanceCodes } from './appearance.js';
import { FIRST_SLOT, SLOT_A, SLOT_B, slotTokens, TOKEN_LENGTH } from './slot-tokens.js';
import { accuracy, crossEntropy, nearestDrawing } from './classification.js';
import { TOKEN_HEAD, thingHeads } from './text-network.js';
import { plainScene, tokensOf, wordDrawer } from './word-drawer.js';

const { add, gather, matmul, mean, mul, relu, reshape, slice, softmax, square, sub, transpose } = ops;

/** Texts of a step. */
const BATCH = 1024;
/** Tokens of a text, start and ends included; longer captions are left out here. */
const TOKENS = 18;
const RATE = 3e-3;
/** Share of captions; the others are single words, of which there are the most. */
const CAPTIONS = 0.5;
const SHARES = { single: 1, count: 0, coloured: 0.2, white: 0.4 };
const SEED = 11;
/** How much the parts of a code count, which say less and less. */
const PART_WEIGHTS = [1, 0.5, 0.3, 0.2];

/** Options of `trainPooledReader`. */
export interface PooledReaderOptions extends Pick<TrainOptions, 'signal' | 'onProgress' | 'replicas'> {
  readonly engine: Engine;
  readonly directory: string;
  readonly source: CaptionSource;
  readonly tokenizer: ClipTokenizer;
  readonly config: CLIPTextConfig;
  readonly codes: AppearanceCodes;
  /** How many emoji there are. */
  readonly nouns: number;
  /** Weights to begin with by name: the embeddings of the tokens, or all of an earlier reader's. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Texts that those were trained on; default 0. */
  readonly begunAt?: number;
  /** Texts to see from there on. */
  readonly texts: number;
}

const inputsOf = (nouns: number) =>
  ({
    ids: { shape: [BATCH, TOKENS], dtype: 'int64' },
    noun: { shape: [BATCH], dtype: 'int64' },
    drawing: { shape: [BATCH], dtype: 'int64' },
    tokens: { shape: [BATCH, CODE_PARTS, TOKEN_LENGTH] },
    drawings: { shape: [nouns * STYLES.length + 1, CODE_LENGTH] },
  }) satisfies InputTypes;

type Inputs = { readonly [Name in keyof ReturnType<typeof inputsOf>]: Value };

/**
 * Layers of the encoder before the one by whose attention a place reads: there words learn which thing they are about, since what tells them
 * apart cannot be seen by a query of the very layer that gathers them.
 */
const PREPARING = 1;

/** What the last position of a text sees in one layer of CLIP: all tokens, weighed by one query for each head, [N, width]. */
function pooledTokens(scope: Scope, ids: Value, config: CLIPTextConfig): Value {
  const { vocab_size: vocabulary, hidden_size: width, num_attention_heads: heads, layer_norm_eps: epsilon } = config;
  const [batch, length] = ids.shape as readonly [number, number];
  const table = scope.at('token_embedding').parameter('weight', [vocabulary, width], normal(0.02));
  const tokens = layerNorm(scope.at('layer_norm1'), gather(table, ids), { epsilon });
  const attention = scope.at('self_attn');
  const each = width / heads;
  const projected = (name: string): Value => {
    const all = linear(attention.at(name), tokens, { out: width, initializer: normal(0.5 * width ** -0.5) });
    return transpose(reshape(all, [batch, length, heads, each]), [0, 2, 1, 3]);
  };
  const query = reshape(attention.at('q_proj').parameter('bias', [width], normal(0.3)), [1, heads, each, 1]);
  const scores = reshape(matmul(projected('k_proj'), query), [batch, heads, 1, length]);
  const pooled = reshape(matmul(softmax(mul(scores, each ** -0.5)), projected('v_proj')), [batch, width]);
  return linear(attention.at('out_proj'), pooled, { out: width, initializer: normal(width ** -0.5) });
}

/**
 * The tokens of the drawing that texts name, [N, CODE_PARTS, TOKEN_LENGTH], one for each part of its code, by attention of one query and then the feed-forward halves of the layers.
 * @param ids [N, T], filled up with end tokens
 * @returns also what the attention gathers, [N, width], and what the last layer leaves, [N, CODE_PARTS, width]
 */
export function readTokens(
  scope: Scope,
  ids: Value,
  config: CLIPTextConfig,
): { readonly pooled: Value; readonly last: Value; readonly tokens: Value } {
  const { hidden_size: width, intermediate_size: middle, layer_norm_eps: epsilon } = config;
  const layers = config.num_hidden_layers - PREPARING;
  const pooled = pooledTokens(scope, ids, config);
  const [batch] = ids.shape as readonly [number];
  const parts = scope.parameter('parts', [CODE_PARTS, width], normal(0.3));
  let state = add(reshape(pooled, [batch, 1, width]), reshape(parts, [1, CODE_PARTS, width]));
  for (let i = 0; i < layers; i++) {
    const layer = scope.at('layers', i);
    const normed = layerNorm(layer.at('layer_norm2'), state, { epsilon });
    const hidden = relu(
      linear(layer.at('mlp', 'fc1'), normed, { out: middle, initializer: normal((2 * width) ** -0.5) }),
    );
    const initializer = normal((2 * layers * width) ** -0.5);
    state = add(state, linear(layer.at('mlp', 'fc2'), hidden, { out: width, initializer }));
  }
  const last = layerNorm(scope.at('final_layer_norm'), state, { epsilon });
  const tokens = linear(scope.at('token'), last, {
    out: TOKEN_LENGTH,
    bias: false,
    initializer: normal(width ** -0.5),
  });
  return { pooled, last, tokens };
}

function readerLoss(scope: Scope, inputs: Inputs, { config, nouns }: PooledReaderOptions) {
  const { ids, noun, drawing, tokens: wanted, drawings } = inputs;
  const { pooled, last, tokens } = readTokens(scope, ids, config);
  const part = (values: Value, which: number): Value => {
    const size = values.shape[2] as number;
    return reshape(slice(values, { axis: 1, begin: which, end: which + 1 }), [BATCH, size]);
  };
  const nounOf = (name: string, state: Value): Value =>
    linear(scope.at(name), state, { out: nouns + 1, initializer: normal(0.05) });
  const [gathered, left] = [nounOf('noun', pooled), nounOf('last_noun', part(last, 0))];
  const word = add(crossEntropy(gathered, noun), crossEntropy(left, noun));
  const errors = PART_WEIGHTS.map((_, which) => mean(square(sub(part(tokens, which), part(wanted, which)))));
  const error = errors.map((value, which) => mul(value, PART_WEIGHTS[which]!)).reduce((sum, value) => add(sum, value));
  const near = nearestDrawing(slice(part(tokens, 0), { axis: 1, begin: 0, end: CODE_LENGTH }), drawings);
  const told = reshape(crossEntropy(near, drawing), []);
  return {
    loss: add(add(mul(error, 2), mul(told, 0.5)), mul(reshape(word, []), 0.5)),
    metrics: {
      ...Object.fromEntries(errors.map((value, which) => [`token_${which + 1}`, value])),
      drawing: accuracy(near, drawing),
      noun: accuracy(left, noun),
    },
  };
}

/** What a text shows. */
interface Shown {
  readonly ids: readonly number[];
  readonly scene: PainterScene;
}

function readerBatches({ source, tokenizer, codes, nouns }: PooledReaderOptions): BatchFunction {
  const draw = wordDrawer({ lexicon: source.lexicon, tokenizer, nouns });
  const drawings = codesOfAll(codes, nouns);
  const known = new Map<string, readonly number[]>();
  const room = TOKENS - 2;

  function captioned(index: number): Shown | undefined {
    const scene = painterScene({ seed: SEED, count: nouns, shares: SHARES }, index);
    const ids = tokensOf(tokenizer, painterCaption(scene, source, randomStream(`caption/${SEED}/${index}`)));
    return ids.length > room ? undefined : { ids, scene };
  }

  return ({ imagesSeen }) => {
    const random = randomStream(`pools of tokens/${imagesSeen}`);
    const ids = new BigInt64Array(BATCH * TOKENS).fill(BigInt(tokenizer.endId));
    const [noun, drawing] = [new BigInt64Array(BATCH), new BigInt64Array(BATCH)];
    const tokens = new Float32Array(BATCH * CODE_PARTS * TOKEN_LENGTH);
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
      const own = slotTokens(scene, codes).subarray(SLOT_A * TOKEN_LENGTH, (SLOT_A + CODE_PARTS) * TOKEN_LENGTH);
      tokens.set(own, k * own.length);
    }
    return { inputs: { ids, noun, drawing, tokens, drawings }, images: BATCH };
  };
}

/**
 * A reader of the shape of the text encoder's last layers that has attention in the first of them only and reads at one place: words and captions of single things
 * → the tokens of the drawing. It sees a thousand texts a second where the whole encoder sees fifty, and learns what takes the most
 * exposures, tens of thousands of words and what each looks like, before that one begins.
 * Why: docs/decisions/0158.
 */
export async function trainPooledReader(options: PooledReaderOptions): Promise<ReadonlyMap<string, Float32Array>> {
  const { engine, directory, texts, initial, begunAt = 0, nouns, replicas = 1, signal, onProgress } = options;
  const batches = readerBatches(options);
  const { checkpoint } = await train({
    engine,
    step: traceTrainingStep({
      inputs: inputsOf(nouns),
      loss: (scope, inputs) => readerLoss(scope, inputs, options),
      optimizer: muon({
        betas: [0.9, 0.98],
        weightDecay: 0,
        hidden: (spec) => isHiddenMatrix(spec) && spec.name.startsWith('layers.'),
      }),
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
    logEvery: BATCH * 40,
    resume: true,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return checkpointWeights(checkpoint);
}

/**
 * How much smaller than usual the first values are of what would disturb a reader: what depends on the place, attention after the layer that
 * reads, and all that the layers before that one add.
 */
const QUIET: readonly (readonly [RegExp, number])[] = [
  [/position_embedding\.weight$/, 0.1],
  [/layers\.0\.(self_attn\.out_proj|mlp\.fc2)\.weight$/, 0.03],
  [/layers\.1\.self_attn\.q_proj\.weight$/, 0.1],
  [/layers\.[2-9]\.self_attn\.out_proj\.weight$/, 0.1],
];
/** Root mean square of the token embeddings, which the layer norm before all else makes free: small beside what attention adds. */
const TABLE_SIZE = 0.1;

const TABLE = 'text_model.embeddings.token_embedding.weight';
const PLACES = 'text_model.embeddings.position_embedding.weight';

/** Values scaled to a root mean square. */
function resized(values: Float32Array, size: number): Float32Array {
  const mean = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  const factor = size / Math.sqrt(mean);
  return values.map((value) => factor * value);
}

/** The text encoder's name of a reader's parameter; none for what it has no place for. */
function encoderNames(name: string): readonly string[] {
  const [, layer, rest] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (layer !== undefined) return [`text_model.encoder.layers.${PREPARING + Number(layer)}.${rest}`];
  if (/^(layer_norm1|self_attn)\./.test(name)) return [`text_model.encoder.layers.${PREPARING}.${name}`];
  if (name.startsWith('final_layer_norm.')) return [`text_model.${name}`];
  if (name === 'token.weight') return [TOKEN_HEAD];
  return name.startsWith('last_noun.')
    ? thingHeads('noun').map((head) => name.replace('last_noun', `heads.${head}`))
    : [];
}

/** Whether a parameter of the text encoder is one that a reader brings: its words and what they lead to. */
export const isFromReader = (reader: ReadonlyMap<string, Float32Array>): ((name: string) => boolean) => {
  const names = new Set([...reader.keys()].flatMap(encoderNames));
  names.add(TABLE);
  return (name) => names.has(name) && !name.startsWith('heads.');
};

/**
 * The text encoder's weights that make each of its places a pooled reader; the rest is drawn, and small where it would disturb.
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
  const own = [...reader].flatMap(([name, values]) => encoderNames(name).map((place) => [place, values] as const));
  const table = resized(reader.get('token_embedding.weight')!, TABLE_SIZE);
  const start = new Map([...quiet, ...own, [TABLE, table]]);
  // At the last places, where no words stand, the position says which part of whose code is asked for.
  const parts = reader.get('parts')!;
  const places = start.get(PLACES)!;
  const width = parts.length / CODE_PARTS;
  for (const slot of [SLOT_A, SLOT_B]) places.set(parts, (FIRST_SLOT + slot) * width);
  return start;
}
