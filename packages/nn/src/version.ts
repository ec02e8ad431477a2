import { readFileSync } from 'node:fs';

/** The version of this package, from its `package.json` (one folder above both `src` and `dist`). */
export const VERSION: string = readVersion();

function readVersion(): string {
  const json = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return json.version;
}
