const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A number with `digits` significant digits, with a true minus sign and powers of ten where zeros would pile up. */
export function numberText(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'n/a' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return powerText(value, digits);
  return signed(String(Number(value.toPrecision(digits))));
}

/** 10ⁿ. */
export const powerOfTen = (exponent: number): string => `10${superscript(exponent)}`;

function powerText(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
  const power = powerOfTen(Number(exponent));
  return Number(mantissa) === 1 ? power : `${signed(String(Number(mantissa)))} · ${power}`;
}

const superscript = (value: number): string =>
  (value < 0 ? '⁻' : '') + Array.from(String(Math.abs(value)), (digit) => SUPERSCRIPTS[Number(digit)]).join('');

const signed = (text: string): string => text.replace('-', '−');
