/** A point of a curve. */
export interface CurvePoint {
  readonly imagesSeen: number;
  readonly loss: number;
}

const SIZE = { width: 800, height: 400, left: 70, right: 20, top: 20, bottom: 50 };
/** More points than pixels only make the file big. */
const MAXIMUM_POINTS = 1000;

function thinned(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const group = Math.ceil(points.length / MAXIMUM_POINTS);
  return Array.from({ length: Math.ceil(points.length / group) }, (_, i) => {
    const part = points.slice(i * group, (i + 1) * group);
    const last = part.at(-1) as CurvePoint;
    return { imagesSeen: last.imagesSeen, loss: part.reduce((total, point) => total + point.loss, 0) / part.length };
  });
}

const label = (value: number): string =>
  Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
const count = (value: number): string =>
  value >= 1e6
    ? `${Number((value / 1e6).toPrecision(3))} M`
    : value >= 1e3
      ? `${Number((value / 1e3).toPrecision(3))} k`
      : String(Math.round(value));

/**
 * The loss over the images seen as an SVG picture; the loss axis is logarithmic when all losses are positive.
 * Why: docs/decisions/0046.
 * @param points in order; not finite ones are left out
 */
export function lossCurve(points: readonly CurvePoint[]): string {
  const finite = points.filter(({ loss }) => Number.isFinite(loss));
  const { width, height, left, right, top, bottom } = SIZE;
  const curve = finite.length === 0 ? [] : thinned(finite);
  const isLogarithmic = curve.every(({ loss }) => loss > 0);
  const scaled = (loss: number): number => (isLogarithmic ? Math.log(loss) : loss);
  const losses = curve.map(({ loss }) => scaled(loss));
  const [low, high] = [Math.min(...losses, Infinity), Math.max(...losses, -Infinity)];
  const lastImage = Math.max(...curve.map(({ imagesSeen }) => imagesSeen), 1);
  const x = (imagesSeen: number): number => left + ((width - left - right) * imagesSeen) / lastImage;
  const y = (loss: number): number =>
    top + (height - top - bottom) * (high > low ? (high - scaled(loss)) / (high - low) : 0.5);

  const ticks = curve.length === 0 ? [] : Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4);
  const lossTicks = ticks
    .map((tick) => (isLogarithmic ? Math.exp(tick) : tick))
    .map(
      (loss) =>
        `<path d="M${left} ${y(loss).toFixed(1)}H${width - right}" stroke="#ddd"/><text x="${left - 8}" y="${(y(loss) + 4).toFixed(1)}" text-anchor="end">${label(loss)}</text>`,
    );
  const imageTicks = Array.from({ length: 5 }, (_, i) => (lastImage * i) / 4).map(
    (images) =>
      `<text x="${x(images).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${count(images)}</text>`,
  );
  const line = curve
    .map(({ imagesSeen, loss }, i) => `${i === 0 ? 'M' : 'L'}${x(imagesSeen).toFixed(1)} ${y(loss).toFixed(1)}`)
    .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...lossTicks,
    ...imageTicks,
    `<text x="${(width + left) / 2}" y="${height - 10}" text-anchor="middle">images seen</text><text x="12" y="${top - 6}">loss</text>`,
    line === '' ? '' : `<path d="${line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>`,
    '</svg>',
    '',
  ].join('\n');
}
