import { openImageFolder, type ImageSet } from '@lascaux/data';
import { argmax, classificationAccuracy, extractFeatures, type FeatureMatrix, type RgbBatch } from '@lascaux/evaluator';
import { labelsOf } from './labels.js';
import { openClassifier } from './open-classifier.js';

/** Pictures recognised of those shown. */
export interface Share {
  readonly images: number;
  readonly right: number;
  /** right / images */
  readonly top1: number;
}

/** How the pictures of one noun were judged. */
export interface NounScore extends Share {
  readonly noun: string;
  /** What they were taken for instead, most frequent first. */
  readonly takenFor: readonly { readonly noun: string; readonly images: number }[];
}

/** What `scorePictures` finds. */
export interface ScoreReport extends Share {
  /** Share of pictures with their noun among the five highest logits. */
  readonly top5: number;
  /** √(p·(1 − p) / images) of the top-1 share p. */
  readonly standardError: number;
  /** Every noun that was shown, worst first. */
  readonly nouns: readonly NounScore[];
  /** The same share by the values of each of these metadata columns, where there are any: style, ground, split. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, Share>>>>;
}

/** Options of `scorePictures`. */
export interface ScoreOptions {
  /** Folder of a classifier or of its run. */
  readonly classifier: string;
  /** Imagefolder whose metadata has a column `noun`. */
  readonly images: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

const BATCH = 64;
const GROUP_COLUMNS = ['style', 'ground', 'split'];

/**
 * Judges pictures by whether a classifier recognises the noun they should show.
 * @throws {Error} when the folder, a picture or a noun is unknown or broken, naming it
 */
export async function scorePictures({ classifier, images, threads, signal }: ScoreOptions): Promise<ScoreReport> {
  const set = await openImageFolder(images);
  const { config, model } = await openClassifier(classifier, { threads });
  try {
    const labels = labelsOf(set, config.nouns);
    const logits = await extractFeatures(model, pictureBatches(set, config.sample_size), { signal });
    return reportOf({ set, labels, logits, nouns: config.nouns });
  } finally {
    await model.dispose?.();
  }
}

async function* pictureBatches(set: ImageSet, size: number): AsyncGenerator<RgbBatch> {
  for (let from = 0; from < set.length; from += BATCH) {
    const count = Math.min(BATCH, set.length - from);
    const pictures = await Promise.all(Array.from({ length: count }, (_, k) => set.pixels(from + k, size)));
    const pixels = new Uint8Array(count * size * size * 3);
    pictures.forEach((bytes, k) => pixels.set(bytes, k * bytes.length));
    yield { pixels, count, height: size, width: size };
  }
}

interface Judged {
  readonly set: Pick<ImageSet, 'extra'>;
  readonly labels: Int32Array;
  readonly logits: FeatureMatrix;
  readonly nouns: readonly string[];
}

/** The figures of logits [images, nouns] against labels. */
export function reportOf({ set, labels, logits, nouns }: Judged): ScoreReport {
  const { data, columns } = logits;
  const chosen = Array.from(labels, (_, i) => argmax(data.subarray(i * columns, (i + 1) * columns)));
  const isRight = chosen.map((choice, i) => choice === labels[i]);
  const all = shareOf(isRight);
  const { accuracy: top5 } = classificationAccuracy(logits, labels, { k: 5 });
  const nounScores = nouns.flatMap((noun, label) => {
    const wrong = chosen.filter((choice, i) => labels[i] === label && choice !== label);
    const share = shareOf(isRight.filter((_, i) => labels[i] === label));
    return share.images === 0 ? [] : [{ noun, ...share, takenFor: counted(wrong, nouns) }];
  });
  const groups = GROUP_COLUMNS.map((column) => [column, sharesBy(isRight, (i) => set.extra(i)[column])] as const);
  return {
    ...all,
    top5,
    standardError: Math.sqrt((all.top1 * (1 - all.top1)) / all.images),
    nouns: nounScores.sort((a, b) => a.top1 - b.top1),
    groups: Object.fromEntries(groups.filter(([, shares]) => Object.keys(shares).length > 0)),
  };
}

function shareOf(isRight: readonly boolean[]): Share {
  const right = isRight.filter(Boolean).length;
  return { images: isRight.length, right, top1: right / isRight.length };
}

function counted(choices: readonly number[], nouns: readonly string[]): NounScore['takenFor'] {
  const counts = new Map<number, number>();
  for (const choice of choices) counts.set(choice, (counts.get(choice) ?? 0) + 1);
  return [...counts].map(([choice, images]) => ({ noun: nouns[choice]!, images })).sort((a, b) => b.images - a.images);
}

/** Shares by a text of each picture, in alphabetical order; pictures without one are left out. */
function sharesBy(isRight: readonly boolean[], textOf: (i: number) => unknown): Record<string, Share> {
  const texts = isRight.map((_, i) => textOf(i));
  const kinds = [...new Set(texts)].filter((text) => typeof text === 'string').sort();
  return Object.fromEntries(kinds.map((kind) => [kind, shareOf(isRight.filter((_, i) => texts[i] === kind))]));
}
