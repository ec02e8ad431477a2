import type { ClipFigures, Spread } from './clip-figures.js';
import type { FrechetFigures } from './frechet-figures.js';
import type { TimeFigures } from './time-figures.js';
import type { NllTerm } from '@lascaux/evaluator/evaluate';
import type { VaeFigures } from './vae-figures.js';

/** Rows of name and value as aligned lines. */
function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}   ${value}`).join('\n');
}

const nats = ({ nats, natsPerDimension, bitsPerDimension }: NllTerm): string =>
  `${nats.toFixed(1)} nats an image, ${natsPerDimension.toFixed(4)} a dimension, ${bitsPerDimension.toFixed(4)} bits a dimension`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const spread = (values: Spread): string =>
  `${percent(values.mean)} (${percent(values.least)} to ${percent(values.largest)})`;

/** The autoencoder's figures, for people. */
export const vaeText = ({ scenes, observation, autoencoder }: VaeFigures): string =>
  table([
    ['held-out scenes', String(scenes)],
    ['PSNR, posterior mean', `${autoencoder.psnr.mean.toFixed(2)} ± ${autoencoder.psnr.error.toFixed(2)} dB`],
    ['divergence KL(q(z|x) ‖ p(z))', nats(autoencoder.divergence)],
    ['reconstruction −ln p(x|z)', nats(autoencoder.continuous.reconstruction)],
    ['−ELBO', nats(autoencoder.continuous.negativeElbo)],
    ['−ELBO of 256 pixel values', nats(autoencoder.discrete.negativeElbo)],
    ['ln σ² of p(x|z)', `${observation.logVariance.toFixed(4)}: ${observation.source}`],
  ]);

/** The encoders' figures, for people. */
export const clipText = (figures: ClipFigures): string =>
  table([
    ['held-out scenes', String(figures.scenes)],
    ['draws', `${figures.draws} of ${figures.among} scenes with distinct captions: mean (least to largest)`],
    ['caption → scene, top 1', spread(figures.captionToScene)],
    ['scene → caption, top 1', spread(figures.sceneToCaption)],
    ['CLIP score', figures.clipScore.toFixed(2)],
  ]);

/** Fréchet distances, for people. */
export const frechetText = (figures: FrechetFigures): string =>
  table([
    ['Fréchet distance', figures.note],
    ['pictures in each set', `${figures.pictures}, ${figures.dimensions} features each`],
    ['painted ↔ renders of the same captions', figures.painted.toFixed(4)],
    ['painted ↔ renders of other captions', figures.paintedAgainstOthers.toFixed(4)],
    ['renders ↔ other renders (reference)', figures.reference.toFixed(4)],
    ['CLIP score painted', figures.clipScore.painted.toFixed(2)],
    ['CLIP score of the renders', figures.clipScore.renders.toFixed(2)],
  ]);

/** Times, for people. */
export const timeText = (figures: TimeFigures): string =>
  table([
    ['process start to file', `${figures.startToFile.toFixed(0)} ms, median of ${figures.runs}`],
    ['call of a loaded pipeline', `${figures.loadedCall.toFixed(0)} ms, median of ${figures.runs}`],
    ['share outside ONNX Runtime', `${(100 * figures.shareOutsideRuntime).toFixed(2)} %, median of ${figures.runs}`],
  ]);
