/** The languages whose words the painter learns, by CLDR's locale; the first is the one that most captions are in. */
export const LOCALES = [
  ...(['en', 'ar', 'bn', 'cs', 'da', 'de', 'el', 'es', 'et', 'fi', 'fr', 'he', 'hi', 'hu', 'id', 'it'] as const),
  ...([
    'ja',
    'ko',
    'lt',
    'ms',
    'nl',
    'no',
    'pl',
    'pt',
    'ro',
    'ru',
    'sv',
    'th',
    'tr',
    'uk',
    'vi',
    'zh',
    'zh-Hant',
  ] as const),
] as const;
/** One of the languages. */
export type Locale = (typeof LOCALES)[number];
