import { parseArgs } from 'node:util';
import { onnxEngine } from '@lascaux/nn/onnx';
import { loadLexicon, loadPhrases, painterEmojis, STYLES } from '@lascaux/scenes';
import { finishedCodes } from './appearance.js';
import { finishedTextEncoder } from './finished-text-encoder.js';
import { textFigures } from './text-figures.js';
import { trainedTokenizer } from './tokenizer.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: 'runs/painter' },
    captions: { type: 'string', default: '1024' },
    names: { type: 'string', default: '64' },
  },
});
const emojis = painterEmojis();
const tokenizer = await trainedTokenizer(values.runs);
const { captions, english, names } = await textFigures({
  engine: onnxEngine({ threads: 1 }),
  encoder: await finishedTextEncoder(values.runs, tokenizer),
  tokenizer,
  source: { lexicon: loadLexicon(emojis), phrases: loadPhrases() },
  codes: await finishedCodes(values.runs, emojis.length * STYLES.length),
  nouns: emojis.length,
  captions: Number(values.captions),
  names: Number(values.names),
});
for (const [name, value] of [captions, english, names].flatMap((figures) => Object.entries(figures)))
  console.log(`${name}: ${value.toFixed(4)}`);
process.exit(0);
