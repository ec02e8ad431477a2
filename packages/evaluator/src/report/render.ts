import { LascauxError } from '@lascaux/nn';
import { chartFigure } from './chart.js';
import { html, trusted, type Html } from './html.js';
import { numberText } from './number-text.js';
import type {
  PictureCard,
  PictureGroup,
  ReportNumber,
  ReportPage,
  ReportPicture,
  ReportSection,
} from './report-page.js';
import { REPORT_STYLE } from './style.js';

/** Nothing but what is in the file itself may be shown, and nothing runs. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
/** Pictures narrower than this are shown larger than they are, so their pixels must stay square. */
const SMALL_PICTURE = 96;

/**
 * A page in one file: no script, no request, light and dark, fit to print.
 * @throws LascauxError when a picture is not a data address, or a chart has nothing to show
 */
export function renderReport({ title, subtitle, headline, sections, footer }: ReportPage): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <title>${title}</title>
      <style>
        ${trusted(REPORT_STYLE)}
      </style>
    </head>
    <body>
      <header>
        <p class="overline">Lascaux · evaluation</p>
        <h1>${title}</h1>
        <p class="subtitle">${subtitle}</p>
        ${headline.length > 0 ? html`<div class="headline">${headline.map(headlineNumber)}</div>` : undefined}
      </header>
      <main>${sections.map(sectionOf)}</main>
      <footer>${footer.map((line) => html`<p>${line}</p>`)}</footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.markup}\n`;
}

function headlineNumber({ label, value, spread, unit, hint }: ReportNumber): Html {
  const small = [spread === undefined ? '' : `± ${numberText(spread, 2)}`, unit ?? ''].filter((text) => text !== '');
  return html`<div>
    <span class="label">${label}</span>
    <span class="number"
      >${numberText(value, 4)}${small.length > 0 ? html` <small>${small.join(' ')}</small>` : undefined}</span
    >
    ${hint === undefined ? undefined : html`<span class="hint">${hint}</span>`}
  </div>`;
}

function sectionOf(section: ReportSection): Html {
  const { title, lead } = section;
  return html`<section>
    <h2>${title}</h2>
    ${lead === undefined ? undefined : html`<p class="lead">${lead}</p>`} ${content(section)}
  </section>`;
}

function content(section: ReportSection): Html {
  switch (section.kind) {
    case 'table':
      return tableOf(section.columns, section.rows);
    case 'facts':
      return html`<dl>
        ${section.facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`;
    case 'notes':
      return html`<ul class="notes">
        ${section.notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;
    case 'chart':
      return html`<figure>${chartFigure(section.chart)}</figure>`;
    case 'pictures':
      return html`${section.groups.map(groupOf)}`;
  }
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function groupOf({ label, cards, dense = false }: PictureGroup): Html {
  const compared = cards.some(({ pictures }) => pictures.length > 1);
  return html`${label === undefined ? undefined : html`<h3>${label}</h3>`}
    <div class="cards${dense ? ' dense' : compared ? ' pair' : ''}">${cards.map((card) => cardOf(card, dense))}</div>`;
}

function cardOf({ pictures, caption, figure }: PictureCard, dense: boolean): Html {
  const frames = html`<div class="frames">${pictures.map(pictureOf)}</div>`;
  if (dense) return html`<div class="card" title="${caption}">${frames}</div>`;
  const value = figure === undefined ? undefined : html`<b>${figure}</b>`;
  return html`<figure class="card">
    ${frames}
    <figcaption>${value}${caption}</figcaption>
  </figure>`;
}

function pictureOf({ source, width, height, alternative }: ReportPicture): Html {
  if (!/^data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$/.test(source)) {
    throw new LascauxError({
      operation: 'report',
      rule: 'a picture must be a data address in base64',
      value: source.slice(0, 40),
    });
  }
  const look = width < SMALL_PICTURE ? html` class="small"` : undefined;
  return html`<img${look} src="${source}" width="${width}" height="${height}" alt="${alternative}" />`;
}
