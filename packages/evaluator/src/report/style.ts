/** The page's only style sheet: paper and ink by day, the reverse by night, plain on paper. Series differ in colour and in dashes. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbf9f4; --raised: #ffffff; --ink: #211d18; --soft: #6b6359; --rule: #e4ddd0;
  --first: #b4501b; --second: #2f6690; --third: #5c7a29; --fourth: #7d4a8d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #181614; --raised: #211e1b; --ink: #ece5da; --soft: #a59b8d; --rule: #38332d;
    --first: #ec9a62; --second: #83b6dc; --third: #a9c671; --fourth: #caa0d8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: clamp(1.5rem, 5vw, 4.5rem) clamp(1rem, 4vw, 3rem) 3rem; max-width: 66rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  text-rendering: optimizeLegibility; hanging-punctuation: first;
}
h1, h2, h3 { line-height: 1.15; text-wrap: balance; font-weight: 600; letter-spacing: -0.01em; }
h1 { margin: 0; font-size: clamp(1.9rem, 5vw, 2.9rem); }
h2 { margin: 0 0 0.35rem; font-size: 1.45rem; }
h3 { margin: 1.5rem 0 0.6rem; font-size: 1rem; color: var(--soft); }
p { margin: 0 0 1rem; max-width: 42rem; text-wrap: pretty; overflow-wrap: anywhere; }
.overline, .label, .hint, .tick, .axis, .legend, th, td, dt, dd, figcaption, footer, code {
  font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.overline { margin: 0 0 0.6rem; color: var(--first); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; }
.subtitle { margin: 0.8rem 0 0; color: var(--soft); font-size: 1.15rem; }
.headline { display: flex; flex-wrap: wrap; gap: 1.5rem 3.5rem; margin: 2.2rem 0 0; padding: 1.6rem 0 0; border-top: 3px solid var(--ink); }
.headline div { min-width: 9rem; }
.label { display: block; color: var(--soft); font-size: 0.85rem; }
.number { display: block; font-size: 2.1rem; line-height: 1.2; font-variant-numeric: lining-nums tabular-nums; letter-spacing: -0.02em; }
.headline div:first-child .number { font-size: clamp(3rem, 8vw, 4.4rem); line-height: 1.05; color: var(--first); }
.number small { font-size: 0.42em; color: var(--soft); letter-spacing: 0; }
.headline div:first-child .number small { font-size: 0.3em; }
.hint { display: block; color: var(--soft); font-size: 0.8rem; }
section { margin-top: 3.4rem; padding-top: 1.2rem; border-top: 1px solid var(--rule); }
.lead { color: var(--soft); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: lining-nums tabular-nums; }
th, td { padding: 0.45rem 0 0.45rem 1.5rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: baseline; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: 0.8rem; }
th:first-child, td:first-child { padding-left: 0; text-align: left; white-space: normal; min-width: 12rem; }
tbody tr:last-child td { border-bottom: 0; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 0.35rem 2rem; margin: 0; font-size: 0.9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: lining-nums tabular-nums; }
.notes { margin: 0; padding-left: 1.2rem; max-width: 44rem; overflow-wrap: anywhere; }
figure { margin: 0; overflow-x: auto; }
.chart { display: block; width: 100%; min-width: 32rem; height: auto; margin-top: 0.6rem; overflow: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.6rem; margin: 0.8rem 0 0; padding: 0; list-style: none; font-size: 0.85rem; }
.key { width: 1.75rem; height: 0.625rem; margin-right: 0.3rem; overflow: visible; }
.rule { fill: none; stroke: var(--rule); stroke-width: 1; }
.short { stroke: var(--soft); }
.tick, .axis { fill: var(--soft); font-size: 12px; font-variant-numeric: lining-nums tabular-nums; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; stroke: currentColor; }
.dot { fill: currentColor; stroke: var(--paper); stroke-width: 1; }
.look-0 { color: var(--first); } .look-1 { color: var(--second); } .look-2 { color: var(--third); } .look-3 { color: var(--fourth); }
.line.look-1 { stroke-dasharray: 7 5; } .line.look-2 { stroke-dasharray: 2 5; } .line.look-3 { stroke-dasharray: 10 4 2 4; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--card, 9rem), 1fr)); gap: 1.2rem 1.1rem; }
.pair { --card: 12.5rem; }
.card { break-inside: avoid; }
.frames { display: flex; gap: 2px; }
.frames img { flex: 1 1 0; }
img { display: block; width: 100%; min-width: 0; height: auto; background: var(--rule); border-radius: 3px; }
img.small { image-rendering: pixelated; }
figcaption { margin-top: 0.4rem; font-size: 0.78rem; line-height: 1.35; color: var(--soft); overflow-wrap: anywhere; }
figcaption b { display: block; color: var(--ink); font-weight: 600; font-variant-numeric: lining-nums tabular-nums; }
.dense { --card: 4.4rem; gap: 3px; }
.swatch { display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.45em; border-radius: 50%; background: currentColor; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: 0.8rem; overflow-wrap: anywhere; }
footer p { max-width: none; margin: 0 0 0.2rem; }
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #ccc; --first: #9a3f10; --second: #1f4f76; --third: #46601d; --fourth: #623673; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  section { margin-top: 1.6rem; } section, .card, tr { break-inside: avoid; } section:has(.cards) { break-inside: auto; }
  h2, h3, .lead { break-after: avoid; }
  img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
