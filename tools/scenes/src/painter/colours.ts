/** A colour that a thing can be said to have: hue in degrees, saturation and value in 0…1, of what the drawing's main colour becomes. */
export interface ThingColour {
  readonly name: string;
  readonly hue: number;
  readonly saturation: number;
  readonly value: number;
}

/** Colours of things, by the names of the grounds. */
export const THING_COLOURS: readonly ThingColour[] = [
  { name: 'red', hue: 0, saturation: 0.8, value: 0.88 },
  { name: 'orange', hue: 30, saturation: 0.88, value: 0.96 },
  { name: 'yellow', hue: 50, saturation: 0.76, value: 0.98 },
  { name: 'green', hue: 137, saturation: 0.69, value: 0.63 },
  { name: 'blue', hue: 222, saturation: 0.8, value: 0.86 },
  { name: 'light blue', hue: 204, saturation: 0.45, value: 0.98 },
  { name: 'purple', hue: 271, saturation: 0.66, value: 0.75 },
  { name: 'pink', hue: 337, saturation: 0.42, value: 0.98 },
  { name: 'brown', hue: 26, saturation: 0.64, value: 0.49 },
  { name: 'black', hue: 0, saturation: 0, value: 0.16 },
  { name: 'white', hue: 0, saturation: 0, value: 0.96 },
  { name: 'gray', hue: 0, saturation: 0, value: 0.55 },
];

/** Hue in degrees, saturation and value in 0…1 (Smith 1978). */
type Hsv = readonly [hue: number, saturation: number, value: number];

function toHsv(r: number, g: number, b: number): Hsv {
  const top = Math.max(r, g, b);
  const span = top - Math.min(r, g, b);
  if (span === 0) return [0, 0, top / 255];
  const sector = top === r ? (g - b) / span : top === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  return [(sector * 60 + 360) % 360, span / top, top / 255];
}

function writeRgb(rgba: Uint8Array, at: number, [hue, saturation, value]: Hsv): void {
  for (const [channel, shift] of [5, 3, 1].entries()) {
    const k = (shift + hue / 60) % 6;
    rgba[at + channel] = Math.round(255 * (value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  }
}

/** The signed distance of two hues, −180…180. */
const hueGap = (a: number, b: number): number => ((a - b + 540) % 360) - 180;

const BINS = 24;
/** Below this saturation a pixel has no colour to speak of. */
const GRAY = 0.18;
/** Pixels within this many degrees of the main hue belong to it. */
const BAND = 50;
/** Outlines stay as they are. */
const DARK = 0.22;

/** What of a drawing is turned: its main hue, or its grays where hardly anything else is there; with the means of what is turned. */
interface MainColour {
  readonly hue: number | undefined;
  readonly saturation: number;
  readonly value: number;
}

function mainColour(rgba: Uint8Array): MainColour {
  const weights = new Float64Array(BINS);
  let [gray, coloured] = [0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    if (alpha < 128) continue;
    const [hue, saturation, value] = toHsv(rgba[i]!, rgba[i + 1]!, rgba[i + 2]!);
    if (value < DARK) continue;
    if (saturation < GRAY) gray++;
    else {
      weights[Math.floor((hue / 360) * BINS) % BINS]! += saturation;
      coloured++;
    }
  }
  const best = weights.reduce((top, weight, i) => (weight > weights[top]! ? i : top), 0);
  const hue = coloured > 0.35 * gray ? ((best + 0.5) * 360) / BINS : undefined;
  return { hue, ...means(rgba, hue) };
}

const belongs = ([hue, saturation, value]: Hsv, main: number | undefined): boolean =>
  value >= DARK && (main === undefined ? saturation < GRAY : saturation >= GRAY && Math.abs(hueGap(hue, main)) < BAND);

function means(rgba: Uint8Array, main: number | undefined): { saturation: number; value: number } {
  let [count, saturation, value] = [1e-9, 0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3]! < 128) continue;
    const hsv = toHsv(rgba[i]!, rgba[i + 1]!, rgba[i + 2]!);
    if (!belongs(hsv, main)) continue;
    count++;
    saturation += hsv[1];
    value += hsv[2];
  }
  return { saturation: saturation / count, value: value / count };
}

/**
 * Turns a drawing's main colour into another one, in place: pixels of its main hue (of its grays, where a drawing has little else) get the
 * colour's hue, and their saturation and value in proportion, so that shading, outlines and other parts stay.
 * @param rgba bytes, colour not multiplied with alpha
 */
export function recolour(rgba: Uint8Array, colour: ThingColour): void {
  const main = mainColour(rgba);
  const brightness = colour.value / Math.max(main.value, 0.05);
  const vividness = colour.saturation / Math.max(main.saturation, 0.05);
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3] === 0) continue;
    const hsv = toHsv(rgba[i]!, rgba[i + 1]!, rgba[i + 2]!);
    if (!belongs(hsv, main.hue)) continue;
    const hue = main.hue === undefined ? colour.hue : (colour.hue + 0.4 * hueGap(hsv[0], main.hue) + 360) % 360;
    const saturation = main.hue === undefined ? colour.saturation : Math.min(1, hsv[1] * vividness);
    writeRgb(rgba, i, [hue, saturation, Math.min(1, hsv[2] * brightness)]);
  }
}
