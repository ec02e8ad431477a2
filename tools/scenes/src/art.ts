import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

/** The art styles, first the one that captions do not name. */
export const STYLES = ['fluent', 'noto', 'twemoji'] as const;
/** One of the art styles. */
export type Style = (typeof STYLES)[number];

const PACKAGES: Record<Style, string> = {
  fluent: '@iconify-json/fluent-emoji-flat',
  noto: '@iconify-json/noto',
  twemoji: '@iconify-json/twemoji',
};

const Icon = z.object({ body: z.string(), width: z.number().optional(), height: z.number().optional() });
const IconSet = z.object({
  icons: z.record(z.string(), Icon),
  aliases: z.record(z.string(), z.object({ parent: z.string() })).optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});
const EmojiData = z.array(z.object({ label: z.string(), hexcode: z.string(), group: z.number().optional() }));

/** An emoji that all three sets draw. */
export interface JoinedEmoji {
  /** CLDR English name. */
  readonly label: string;
  /** Code points in lower-case hexadecimal, joined by "-", without the emoji presentation selector. */
  readonly hexcode: string;
  /** emojibase's group number: 0 smileys, 3 animals and nature, 4 food, 5 travel, 6 activities, 7 objects. */
  readonly group: number;
  /** The SVG document of each style. */
  readonly svg: Readonly<Record<Style, string>>;
}

const require = createRequire(import.meta.url);
const readJson = (specifier: string): unknown => JSON.parse(readFileSync(require.resolve(specifier), 'utf8'));
const bareHexcode = (hexcode: string): string => hexcode.toLowerCase().replaceAll('-fe0f', '');

/** SVG documents of one set by code points. */
function readSet(style: Style): Map<string, string> {
  const set = IconSet.parse(readJson(`${PACKAGES[style]}/icons.json`));
  const names = z.record(z.string(), z.string()).parse(readJson(`${PACKAGES[style]}/chars.json`));
  const documents = new Map<string, string>();
  for (const [hexcode, name] of Object.entries(names)) {
    const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent ?? ''];
    if (!icon) continue;
    const width = icon.width ?? set.width ?? 16;
    const height = icon.height ?? set.height ?? 16;
    documents.set(
      bareHexcode(hexcode),
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`,
    );
  }
  return documents;
}

/** Every emoji that all three art sets draw, joined by code points, in CLDR order of `emojibase-data`. */
export function joinArt(): JoinedEmoji[] {
  const sets = STYLES.map((style) => readSet(style));
  const joined: JoinedEmoji[] = [];
  for (const { label, hexcode, group } of EmojiData.parse(readJson('emojibase-data/en/data.json'))) {
    const key = bareHexcode(hexcode);
    const [fluent, noto, twemoji] = sets.map((set) => set.get(key));
    if (group === undefined || !fluent || !noto || !twemoji) continue;
    joined.push({ label, hexcode: key, group, svg: { fluent, noto, twemoji } });
  }
  return joined;
}
