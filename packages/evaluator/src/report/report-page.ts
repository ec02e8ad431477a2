import type { Chart } from './chart.js';

/** A report as data; `renderReport` makes the page of it. All text is plain and gets escaped. Why: docs/decisions/0089. */
export interface ReportPage {
  readonly title: string;
  /** What was done to what, in one sentence. */
  readonly subtitle: string;
  /** The numbers that the page is about, the most important first. */
  readonly headline: readonly ReportNumber[];
  readonly sections: readonly ReportSection[];
  /** How to repeat it, when and by what it was made. */
  readonly footer: readonly string[];
}

/** A number, and how to read it. */
export interface ReportNumber {
  readonly label: string;
  readonly value: number;
  readonly spread?: number;
  readonly unit?: string;
  readonly hint?: string;
}

/** One part of the page. */
export type ReportSection = { readonly title: string; readonly lead?: string } & ReportContent;

/** Content of a section. */
export type ReportContent =
  | { readonly kind: 'table'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'notes'; readonly notes: readonly string[] }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'pictures'; readonly groups: readonly PictureGroup[] };

/** Pictures that belong together. */
export interface PictureGroup {
  readonly label?: string;
  readonly cards: readonly PictureCard[];
  /** Small and close together, without captions; the captions show when pointed at. */
  readonly dense?: boolean;
}

/** One picture, or a few that are compared, over one caption. */
export interface PictureCard {
  readonly pictures: readonly ReportPicture[];
  readonly caption: string;
  /** A figure under the caption: a distance, bits … */
  readonly figure?: string;
}

/** An embedded picture. */
export interface ReportPicture {
  /** `data:image/…;base64,…`; anything else is refused. */
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly alternative: string;
}
