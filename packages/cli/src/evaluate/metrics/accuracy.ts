import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { classificationAccuracy, openImageModel } from '@lascaux/evaluator';
import { LascauxError, check } from '@lascaux/nn';
import type { EvaluateFlags, EvaluationRequest } from '../evaluate-flags.js';
import type { EvaluationResult } from '../evaluation-result.js';
import { withSession } from '../evaluation-session.js';
import { classNames, labelsOf, placesOf } from '../labels.js';
import { leastPictures } from '../least-pictures.js';
import type { OpenedExtractor } from '../open-extractor.js';
import { readSets } from '../read-sets.js';

/** Share of pictures whose label a classifier names. @throws LascauxError as `readSets` does, and when labels and classes do not fit. */
export async function evaluateAccuracy(request: EvaluationRequest): Promise<EvaluationResult> {
  const { classifier = '', classes, labelColumn: column = 'label', k = 1 } = request.flags;
  await access(classifier).catch((cause: unknown) => {
    throw new LascauxError({
      operation: '--classifier',
      rule: 'no such file',
      value: classifier,
      kind: 'usage',
      cause,
    });
  });
  const needs = leastPictures(request.flags, { minimum: 1, reason: 'a share' });
  return withSession(request, { open: () => openClassifier(request.flags) }, async (session) => {
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
    return {
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
    };
  });
}

async function openClassifier(flags: EvaluateFlags): Promise<OpenedExtractor> {
  const { classifier: model = '', device, threads, mean, deviation } = flags;
  const extractor = await openImageModel({ model, name: 'classifier', device, threads, mean, deviation });
  const convention = 'antialiased bicubic to the input’s square; channels scaled by --mean and --deviation';
  return { extractor, facts: { name: basename(model), dimensions: extractor.dimensions, convention, weights: model } };
}
