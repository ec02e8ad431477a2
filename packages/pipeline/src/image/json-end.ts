import { limits } from '@lascaux/nn';

/** The place behind the JSON object or array that begins at `start`; undefined when its brackets do not close. */
export function jsonEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  const end = Math.min(text.length, start + limits.settingsValue);
  for (let i = start; i < end; i++) {
    const letter = text[i]!;
    if (inString) {
      if (letter === '\\') i++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === '{' || letter === '[') depth++;
    else if ((letter === '}' || letter === ']') && --depth === 0) return i + 1;
  }
  return undefined;
}
