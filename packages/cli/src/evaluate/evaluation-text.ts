import type { EvaluatedSet, EvaluationResult, EvaluationValue } from '@lascaux/evaluator/evaluate';

/** `--json`: one object; feature matrices and pictures stay out. */
export function evaluationJson(result: EvaluationResult): string {
  const { metric, values, sets, extractor, options, curves, notes } = result;
  return JSON.stringify({
    metric,
    ...Object.fromEntries(values.map(({ name, value }) => [name, value])),
    values: values.map(({ name, value, deviation, unit }) => ({ name, value, deviation, unit })),
    sets: sets.map(({ path, kind, count, skipped, leftOut }) => ({ path, kind, count, skipped, leftOut })),
    extractor,
    options,
    curves,
    notes,
  });
}

/** The lines for people: numbers, what was compared, how, and remarks. */
export function evaluationText(result: EvaluationResult): string {
  const { values, sets, extractor, options, notes } = result;
  const settings = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  const width = Math.max(...values.map(({ label }) => label.length));
  return [
    ...values.map((value) => `${value.label.padEnd(width)}  ${valueText(value)}`),
    ...sets.map((set, i) => `${sets.length > 1 ? 'AB'.charAt(i) : 'set'}: ${setText(set)}`),
    ...(extractor
      ? [`network: ${extractor.name}, weights ${extractor.weights}`, `convention: ${extractor.convention}`]
      : []),
    ...(extractor?.incomparable === undefined
      ? []
      : [`not comparable with published figures: ${extractor.incomparable}`]),
    ...(settings.length > 0 ? [`options: ${settings.join(', ')}`] : []),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

function valueText({ value, deviation, unit }: EvaluationValue): string {
  const spread = deviation === undefined ? '' : ` ± ${figure(deviation)}`;
  return `${figure(value)}${spread}${unit === undefined ? '' : ` ${unit}`}`;
}

/** Six significant digits, without an exponent where it can be helped. */
const figure = (value: number): string =>
  value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e9)
    ? String(Number(value.toPrecision(6)))
    : value.toExponential(4);

function setText({ path, kind, count, skipped, leftOut = [] }: EvaluatedSet): string {
  const number = count === undefined ? 'number of pictures unknown' : `${count} pictures`;
  const lost = leftOut.filter(({ isImage }) => isImage).reduce((sum, kinds) => sum + kinds.count, 0);
  const facts = [kind, number, ...counted(skipped.length, 'skipped'), ...counted(lost, 'left out')];
  return `${path} (${facts.join(', ')})`;
}

const counted = (count: number, what: string): readonly string[] => (count > 0 ? [`${count} ${what}`] : []);
