import { randomStream } from '@lascaux/data';
import { fromFloat16, toFloat16, trace, type Engine, type Executable } from '@lascaux/nn';
import { clipText, type CLIPTextConfig } from '@lascaux/nn/networks';
import {
  commonWords,
  LOCALES,
  painterCaption,
  painterScene,
  pluralOf,
  STYLES,
  withArticle,
  type CaptionSource,
  type PainterScene,
} from '@lascaux/scenes';
import type { ClipTokenizer } from '@lascaux/text-encoder';
import { CODE_LENGTH, CODE_PARTS, type AppearanceCodes } from './appearance.js';
import type { FinishedTextEncoder } from './finished-text-encoder.js';
import {
  CLASS_NAMES,
  classSigns,
  FIRST_SLOT,
  MAX_TOKENS,
  sceneClasses,
  secondThing,
  SLOT_A,
  SLOT_B,
  SLOT_CLASSES,
  slotTokens,
  TOKEN_LENGTH,
} from './slot-tokens.js';

/** Another seed than training's. */
const SEED = 98;
const SHARES = { single: 0.4, count: 0.15, coloured: 0.25, white: 0.4 };
const BATCH = 32;

/** What figures are measured of. */
export interface TextFiguresOptions {
  readonly engine: Engine;
  readonly encoder: FinishedTextEncoder;
  readonly tokenizer: ClipTokenizer;
  readonly source: CaptionSource;
  readonly codes: AppearanceCodes;
  readonly nouns: number;
  /** Captions to ask for. */
  readonly captions: number;
  /** Names to ask for in each language. */
  readonly names: number;
}

/** Means over captions, by what is measured. */
export type Figures = Readonly<Record<string, number>>;

/** The tokens of texts, [MAX_TOKENS, TOKEN_LENGTH] each, by an encoder in half precision, as it is assembled. */
async function openEncoder(engine: Engine, { weights, config }: FinishedTextEncoder, tokenizer: ClipTokenizer) {
  const executable: Executable = await engine.compile(encoding(config));
  const parameters = Object.fromEntries(
    encoding(config).inputs.flatMap(({ name, parameter }) =>
      parameter === undefined
        ? []
        : [[name, engine.upload(fromFloat16(toFloat16(weights.get(parameter.name)!)), parameter.shape)]],
    ),
  );
  return {
    async tokensOf(texts: readonly string[]): Promise<readonly Float32Array[]> {
      const all: Float32Array[] = [];
      for (let begin = 0; begin < texts.length; begin += BATCH) {
        const rows = Array.from({ length: BATCH }, (_, k) => tokenizer.encode(texts[begin + k] ?? '').ids);
        const ids = engine.upload(BigInt64Array.from(rows.flat(), BigInt), [BATCH, MAX_TOKENS]);
        const { states } = await executable.run({ ...parameters, ids });
        const values = (await states!.read()) as Float32Array;
        rows.forEach((_, k) => all.push(values.slice(k * LENGTH, (k + 1) * LENGTH)));
        for (const tensor of [ids, states!]) tensor.dispose();
      }
      return all.slice(0, texts.length);
    },
    async dispose(): Promise<void> {
      for (const tensor of Object.values(parameters)) tensor.dispose();
      await executable.dispose();
    },
  };
}

const LENGTH = MAX_TOKENS * TOKEN_LENGTH;

const encoding = (config: CLIPTextConfig) =>
  trace({ ids: { shape: [BATCH, MAX_TOKENS], dtype: 'int64' } }, (scope, { ids }) => ({
    states: clipText(scope, config, ids).last_hidden_state,
  }));

/** Where in the first of several lists of numbers all are nearest to what is wanted. */
function nearest(candidates: readonly Float32Array[], wanted: Float32Array): number {
  let [best, least] = [-1, Infinity];
  candidates.forEach((candidate, i) => {
    let distance = 0;
    for (let k = 0; k < wanted.length && distance < least; k++) distance += (candidate[k]! - wanted[k]!) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

const meanSquare = (values: Float32Array): number =>
  values.reduce((total, value) => total + value ** 2, 0) / values.length;

/** Sums of what is measured, and of how often. */
class Means {
  readonly #sums = new Map<string, readonly [number, number]>();

  add(name: string, value: number): void {
    const [sum, count] = this.#sums.get(name) ?? [0, 0];
    this.#sums.set(name, [sum + value, count + 1]);
  }

  get figures(): Figures {
    return Object.fromEntries([...this.#sums].map(([name, [sum, count]]) => [name, sum / count]));
  }
}

/** How English words are asked for. */
const FORMS: Readonly<Record<string, (word: string) => string>> = {
  'a …': withArticle,
  'three …': (word) => `three ${pluralOf(word)}`,
};

/**
 * How well the finished text encoder says what captions that it never saw do: mean squared errors of tokens by part of the codes, and shares of the
 * drawings, nouns and classes that tokens are nearest to; the share of English names and everyday words whose noun is right when one or three of it are
 * asked for; and that of names in each language.
 */
export async function textFigures(
  options: TextFiguresOptions,
): Promise<{ readonly captions: Figures; readonly english: Figures; readonly names: Figures }> {
  const { engine, encoder, tokenizer, source, codes, nouns, captions, names } = options;
  const opened = await openEncoder(engine, encoder, tokenizer);
  const drawings = Array.from({ length: nouns * STYLES.length }, (_, i) =>
    codes.code(Math.floor(i / STYLES.length), STYLES[i % STYLES.length]!),
  );
  const none = new Float32Array(CODE_PARTS * CODE_LENGTH);
  const at = (tokens: Float32Array, slot: number): Float32Array =>
    tokens.subarray((FIRST_SLOT + slot) * TOKEN_LENGTH, (FIRST_SLOT + slot + 1) * TOKEN_LENGTH);
  const said = (tokens: Float32Array, first: number): number => {
    const code = new Float32Array(CODE_PARTS * CODE_LENGTH);
    for (let part = 0; part < CODE_PARTS; part++)
      code.set(at(tokens, first + part).subarray(0, CODE_LENGTH), part * CODE_LENGTH);
    return nearest([...drawings, none], code);
  };
  const means = new Means();

  function compare(scene: PainterScene, tokens: Float32Array): void {
    const wanted = slotTokens(scene, codes);
    const second = secondThing(scene);
    for (const [name, first, thing] of [
      ['A', SLOT_A, scene.items[0]],
      ['B', SLOT_B, second],
    ] as const) {
      for (let part = 0; part < CODE_PARTS; part++) {
        const slot = first + part;
        const right = wanted.subarray(slot * TOKEN_LENGTH, (slot + 1) * TOKEN_LENGTH);
        const error = meanSquare(at(tokens, slot).map((value, i) => value - right[i]!));
        means.add(thing === undefined ? `no ${name}, error` : `${name}${part + 1}, error`, error);
      }
      const found = said(tokens, first);
      if (thing === undefined) means.add(`no ${name}`, found === drawings.length ? 1 : 0);
      else {
        means.add(`drawing ${name}`, found === thing.emoji * STYLES.length + STYLES.indexOf(scene.style) ? 1 : 0);
        means.add(`noun ${name}`, Math.floor(found / STYLES.length) === thing.emoji ? 1 : 0);
        if (second !== undefined)
          means.add(`noun ${name} of two`, Math.floor(found / STYLES.length) === thing.emoji ? 1 : 0);
      }
    }
    const classes = sceneClasses(scene);
    CLASS_NAMES.forEach((name, i) => {
      const token = at(tokens, SLOT_CLASSES + i).subarray(0, CODE_LENGTH);
      means.add(name, nearest(classSigns[name], token) === classes[name] ? 1 : 0);
    });
    means.add('elsewhere, mean square', meanSquare(tokens.subarray(0, FIRST_SLOT * TOKEN_LENGTH)));
  }

  const scenes = Array.from({ length: captions }, (_, i) =>
    painterScene({ seed: SEED, count: nouns, shares: SHARES }, i),
  );
  const texts = scenes.map((scene, i) => painterCaption(scene, source, randomStream(`caption/${SEED}/${i}`)));
  (await opened.tokensOf(texts)).forEach((tokens, i) => compare(scenes[i]!, tokens));
  const [empty] = await opened.tokensOf(['']);
  means.add('no words, mean square', meanSquare(empty!));

  const isSaid = (tokens: Float32Array, emoji: number): number =>
    Math.floor(said(tokens, SLOT_A) / STYLES.length) === emoji ? 1 : 0;
  const english = new Means();
  const common = Array.from({ length: nouns }, (_, i) => commonWords(source.lexicon.of(i, 'en'))).flat();
  for (const [form, phrase] of Object.entries(FORMS))
    (await opened.tokensOf(common.map(({ text }) => phrase(text)))).forEach((tokens, i) =>
      english.add(form, isSaid(tokens, common[i]!.emoji)),
    );

  const byLanguage = new Means();
  for (const locale of LOCALES) {
    const all = Array.from({ length: nouns }, (_, emoji) =>
      source.lexicon.of(emoji, locale).find(({ role }) => role !== 'character'),
    );
    const asked = all
      .flatMap((word) => word ?? [])
      .filter((_, i, { length }) => i % Math.floor(length / names) === 0)
      .slice(0, names);
    (await opened.tokensOf(asked.map(({ text }) => text))).forEach((tokens, i) =>
      byLanguage.add(locale, isSaid(tokens, asked[i]!.emoji)),
    );
  }
  await opened.dispose();
  return { captions: means.figures, english: english.figures, names: byLanguage.figures };
}
