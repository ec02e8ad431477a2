import { STYLES, type Style } from './art.js';

interface Source {
  readonly title: string;
  readonly author: string;
  readonly licence: string;
  readonly licenceUrl: string;
  readonly url: string;
  readonly npm: string;
}

const ART: Record<Style, Source> = {
  fluent: {
    title: 'Fluent Emoji (flat)',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    licenceUrl: 'https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE',
    url: 'https://github.com/microsoft/fluentui-emoji',
    npm: '@iconify-json/fluent-emoji-flat',
  },
  noto: {
    title: 'Noto Emoji',
    author: 'Google Inc.',
    licence: 'Apache-2.0',
    licenceUrl: 'https://github.com/googlefonts/noto-emoji/blob/main/svg/LICENSE',
    url: 'https://github.com/googlefonts/noto-emoji',
    npm: '@iconify-json/noto',
  },
  twemoji: {
    title: 'Twemoji',
    author: 'Copyright 2020 Twitter, Inc and other contributors',
    licence: 'CC-BY-4.0',
    licenceUrl: 'https://creativecommons.org/licenses/by/4.0/',
    url: 'https://github.com/jdecked/twemoji',
    npm: '@iconify-json/twemoji',
  },
};

const line = (source: Source): string =>
  `- [${source.title}](${source.url}) by ${source.author}, [${source.licence}](${source.licenceUrl}), from the npm package \`${source.npm}\``;

/** The attribution that goes with pictures made from the art sets, as Markdown. */
export function attribution(): string {
  return [
    '# Attribution',
    '',
    'The pictures are scenes composed from emoji drawings of three art sets. The drawings were scaled, placed, sometimes',
    'mirrored and laid on coloured grounds; they are otherwise unchanged.',
    '',
    ...STYLES.map((style) => line(ART[style])),
    '',
    'The words are the CLDR names in [emojibase-data](https://github.com/milesj/emojibase) by Miles Johnson, MIT.',
    '',
  ].join('\n');
}
