/** Markup that is safe to put into a page as it stands. */
export interface Html {
  readonly markup: string;
}

/** What a template takes: text and numbers are escaped, markup is not, lists are joined, nothing stays nothing. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute. */
export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** A template whose values cannot break out of the text or the quoted attribute they stand in. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { markup: parts.reduce((page, part, i) => page + markupOf(values[i - 1]) + part) };
}

/** Markup made by this package, such as the style sheet. */
export const trusted = (markup: string): Html => ({ markup });

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(markupOf).join('');
}
