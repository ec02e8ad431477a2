/** A number of bytes for people: `12 kB`, `3.4 GB` (powers of 1,000). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const exponent = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** exponent;
  return `${exponent > 1 && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[exponent]!}`;
}
