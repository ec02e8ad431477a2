import { numberText, type ReportPage, type ReportSection } from '../../index.js';
import { VERSION } from '@lascaux/nn';
import type { EvaluatedSet, EvaluationResult, EvaluationValue } from '../evaluation-result.js';
import { featureCurves, metricCurves } from './curve-sections.js';
import { gridSection, neighbourSections } from './picture-sections.js';

const TITLES: Readonly<Record<string, string>> = {
  fid: 'Fréchet distance',
  kid: 'Kernel distance',
  is: 'Inception Score',
  prc: 'Precision and recall',
  clip: 'CLIP score',
  cmmd: 'CLIP maximum mean discrepancy',
  accuracy: 'Classification accuracy',
  nll: 'Likelihood',
};
const BETTER = { lower: 'lower is better', higher: 'higher is better', neither: '' } as const;
/** Numbers at the head of the page; the rest are in the table. */
const HEADLINE = 4;
/** Skipped pictures that are named. */
const NAMED = 40;

/** The report page of a metric over pictures: numbers, galleries, curves, conventions. */
export async function evaluationReport(result: EvaluationResult): Promise<ReportPage> {
  const { metric, values, sets, curves = [] } = result;
  return {
    title: TITLES[metric] ?? metric,
    subtitle: sets
      .map(({ path, count }) => (count === undefined ? path : `${path} (${count} pictures)`))
      .join(' beside '),
    headline: values.slice(0, HEADLINE).map(({ label, value, deviation, unit, better }) => ({
      label,
      value,
      ...(deviation === undefined ? {} : { spread: deviation }),
      ...(unit === undefined ? {} : { unit }),
      ...(better === 'neither' ? {} : { hint: BETTER[better] }),
    })),
    sections: [
      ...comparability(result),
      ...(await neighbourSections(sets)),
      ...(await gridSection(sets)),
      ...metricCurves(curves),
      ...featureCurves(sets),
      ...(values.length > 1 ? [numbers(values)] : []),
      measured(result),
      ...skipped(sets),
    ],
    footer: reportFooter(),
  };
}

/** Who made the page, and when. */
export const reportFooter = (): string[] => [
  `lascaux ${VERSION}, Node.js ${process.version}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
];

function comparability({ extractor, notes }: EvaluationResult): ReportSection[] {
  const warning = extractor?.incomparable;
  const lines = [...(warning === undefined ? [] : [`Not comparable with published figures: ${warning}`]), ...notes];
  return lines.length === 0 ? [] : [{ kind: 'notes', title: 'Before you quote it', notes: lines }];
}

const numbers = (values: readonly EvaluationValue[]): ReportSection => ({
  kind: 'table',
  title: 'All numbers',
  columns: ['', 'value', '±', 'unit', ''],
  rows: values.map(({ label, value, deviation, unit, better }) => [
    label,
    numberText(value, 6),
    deviation === undefined ? '' : numberText(deviation, 3),
    unit ?? '',
    BETTER[better],
  ]),
});

function measured({ sets, extractor, options }: EvaluationResult): ReportSection {
  return {
    kind: 'facts',
    title: 'How it was measured',
    facts: [
      ...sets.map((set, i) => [sets.length > 1 ? `Set ${'AB'.charAt(i)}` : 'Set', setFact(set)] as const),
      ...(extractor === undefined
        ? []
        : ([
            ['Features', `${extractor.name}, ${extractor.dimensions} dimensions`],
            ['Convention', extractor.convention],
            ['Weights', extractor.weights],
          ] as const)),
      ...Object.entries(options).map(([name, value]) => [name, String(value)] as const),
    ],
  };
}

function setFact({ path, kind, count, skipped: bad }: EvaluatedSet): string {
  const number = count === undefined ? 'number of pictures unknown' : `${count} pictures`;
  return `${path} (${kind}): ${number}${bad.length > 0 ? `, ${bad.length} left out` : ''}`;
}

function skipped(sets: readonly EvaluatedSet[]): ReportSection[] {
  const bad = sets.flatMap((set) => set.skipped);
  if (bad.length === 0) return [];
  const more = bad.length > NAMED ? [['…', `and ${bad.length - NAMED} more`] as const] : [];
  const facts = [...bad.slice(0, NAMED).map(({ name, reason }) => [name, reason] as const), ...more];
  return [{ kind: 'facts', title: 'Pictures left out', facts }];
}
