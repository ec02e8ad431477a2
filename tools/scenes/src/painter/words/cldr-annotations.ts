import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Entries = z.record(
  z.string(),
  z.object({ default: z.array(z.string()).optional(), tts: z.array(z.string()).optional() }),
);
const File = z.union([
  z.object({ annotations: z.object({ annotations: Entries }) }),
  z.object({ annotationsDerived: z.object({ annotations: Entries }) }),
]);

/** What a language calls an emoji: its name, and words that are searched for. */
export interface Annotation {
  readonly name: string;
  readonly keywords: readonly string[];
}

const withoutSelectors = (emoji: string): string => emoji.replaceAll('\ufe0f', '');

function entriesOf(path: string): z.infer<typeof Entries> {
  const file = File.parse(JSON.parse(readFileSync(path, 'utf8')));
  return 'annotations' in file ? file.annotations.annotations : file.annotationsDerived.annotations;
}

/** The annotations of a locale, by emoji without presentation selectors; `packages` is the folder of cldr-annotations-full and -derived-full. */
export function readAnnotations(packages: string, locale: string): ReadonlyMap<string, Annotation> {
  const found = new Map<string, Annotation>();
  const paths = [
    join(packages, 'cldr-annotations-derived-full', 'annotationsDerived', locale, 'annotations.json'),
    join(packages, 'cldr-annotations-full', 'annotations', locale, 'annotations.json'),
  ];
  for (const path of paths)
    for (const [emoji, { default: keywords = [], tts }] of Object.entries(entriesOf(path)))
      if (tts?.[0] !== undefined) found.set(withoutSelectors(emoji), { name: tts[0], keywords });
  return found;
}
