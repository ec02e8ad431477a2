import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { classificationAccuracy, openImageModel } from '../../index.js';
import { LascauxError, check } from '@lascaux/nn';
import type { EvaluationOptions, EvaluationSet } from '../evaluation-options.js';
import { withNumbers, type ResultOf } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { classNames, labelsOf, placesOf } from '../labels.js';
import { leastPictures } from '../least-pictures.js';
import { namedSets } from '../named-set.js';
import type { OpenedExtractor } from '../open-extractor.js';
import { readSets } from '../read-sets.js';

/** What a classifier judges. */
export interface AccuracyOptions extends EvaluationOptions {
  /** Images with labels: a folder for each class, or a column of the metadata. */
  readonly images: EvaluationSet;
  /** `model.onnx`: pixels [batch, 3, S, S] in [−1, 1] → a score for each class. */
  readonly classifier: string;
  /** File of class names in the order of the scores, one a line. Default: those in `config.json` beside it. */
  readonly classes?: string;
  /** Metadata column of the labels. Default `label`. */
  readonly labelColumn?: string;
  /** Of the channels in [0, 1] as the classifier was trained. Default 0.5 each. */
  readonly mean?: readonly [number, number, number];
  readonly deviation?: readonly [number, number, number];
  /** The label counts when it is among the k best. Default 1. */
  readonly k?: number;
}

/**
 * Share of images whose label a classifier names, in percent.
 * @throws LascauxError when the set or the classifier is missing or broken, and when labels and classes do not fit.
 */
export async function evaluateAccuracy(options: AccuracyOptions): Promise<ResultOf<'accuracy'>> {
  const { classifier, classes, labelColumn: column = 'label', k = 1 } = options;
  await access(classifier).catch((cause: unknown) => {
    throw new LascauxError({
      option: 'classifier',
      rule: 'no such file',
      value: classifier,
      kind: 'usage',
      cause,
    });
  });
  const needs = leastPictures(options.minimum, { minimum: 1, reason: 'a share' });
  return withSession(
    { sets: namedSets({ images: options.images }), options },
    () => openClassifier(options),
    async (session) => {
      const sets = await readSets(session, { wanted: 'features', ...needs });
      const { collection, indices = [], features, path } = sets[0]!;
      const set = collection?.set;
      const rule = 'needs pictures with labels';
      check(set !== undefined && features !== undefined, { operation: 'accuracy', rule, value: path, kind: 'usage' });
      const present = labelsOf(set, { column, indices });
      const names = await classNames({ file: classes, classifier, present, scores: features.columns });
      const { accuracy, perClass } = classificationAccuracy(features, placesOf(present, names), { k });
      const worst = perClass
        .flatMap((value, i) => (value === null ? [] : [{ name: names[i]!, value }]))
        .sort((a, b) => a.value - b.value)
        .filter(({ value }) => value < 1)
        .slice(0, 5)
        .map(({ name, value }) => `${name} ${(100 * value).toFixed(1)} %`);
      return withNumbers({
        metric: 'accuracy',
        values: [
          {
            name: 'accuracy',
            label: k === 1 ? 'accuracy' : `accuracy among ${k}`,
            value: 100 * accuracy,
            unit: '%',
            better: 'higher',
          },
        ],
        sets,
        extractor: session.opened()?.facts,
        options: { k, classes: names.length },
        notes: worst.length > 0 ? [`worst classes: ${worst.join(', ')}`] : [],
      });
    },
  );
}

async function openClassifier(options: AccuracyOptions): Promise<OpenedExtractor> {
  const { classifier: model, device, threads, mean, deviation } = options;
  const extractor = await openImageModel({ model, name: 'classifier', device, threads, mean, deviation });
  const convention = 'antialiased bicubic to the input’s square; channels scaled by mean and deviation';
  return { extractor, facts: { name: basename(model), dimensions: extractor.dimensions, convention, weights: model } };
}
