import { toPixels, type ImageSet } from '@lascaux/data';
import {
  bitsPerDimension,
  numberText,
  type PictureCard,
  type ReportNumber,
  type ReportPage,
  type ReportSection,
} from '../../index.js';
import { imageToBytes } from '@lascaux/vae';
import { decodeRaw, encodePicture, type BoundTerms } from './autoencoder.js';
import type { JointNll } from './joint.js';
import type { LatentNll } from './latent.js';
import { jointTerms, latentTerms } from './named-terms.js';
import { openAutoencoder, type OpenAutoencoder } from './parts.js';
import { nllConventions, type NllPicture, type NllResult } from './result.js';
import type { NllTerm } from './term.js';
import { openPictures, type NllOptions } from './nll.js';
import { embedPicture } from '../report/embed-picture.js';
import { reportFooter } from '../report/evaluation-report.js';

/** Pictures in each gallery. */
const SHOWN = 8;

/** The report page of likelihood bounds: terms, curves over timesteps, and the likeliest and unlikeliest pictures with their reconstructions. */
export async function nllReport(
  result: NllResult,
  options: Pick<NllOptions, 'images' | 'split' | 'count' | 'device'>,
): Promise<ReportPage> {
  const { model, data, pictures, size, seed, observation, autoencoder, latent, joint } = result;
  return {
    title: 'Likelihood',
    subtitle: `${pictures} pictures of ${data} under ${model}: upper bounds on −log p, so lower is better`,
    headline: headline(result),
    sections: [
      ...(joint === undefined ? [] : jointSections(joint)),
      ...(autoencoder === undefined ? [] : [autoencoderTable(autoencoder)]),
      ...(latent === undefined ? [] : latentSections(latent)),
      ...(await gallerySections(result, options)),
      {
        kind: 'facts',
        title: 'How it was measured',
        facts: [
          ['Pictures', `${pictures} of ${data}, cut to the central square and resized to ${size}×${size}`],
          ['ln σ² of p(x|z)', `${observation.logVariance.toFixed(4)}: ${observation.source}`],
          ['Seed', `${seed}; each picture draws its noise from the seed and its own name`],
          ['±', 'standard error of the mean over pictures'],
        ],
      },
    ],
    footer: reportFooter(),
  };
}

function headline({ autoencoder, latent, joint }: NllResult): ReportNumber[] {
  const bits = (label: string, term: NllTerm, hint: string): ReportNumber => ({
    label,
    value: term.bitsPerDimension,
    spread: term.bitsPerDimensionError,
    unit: 'bits/dim',
    hint,
  });
  return [
    ...(joint ? [bits('whole model', joint.best.discrete, 'a value of the picture, 256 steps')] : []),
    ...(autoencoder
      ? [bits('autoencoder, −ELBO', autoencoder.discrete.negativeElbo, 'a value of the picture, 256 steps')]
      : []),
    ...(latent ? [bits('diffusion model', latent.terms.fixed_large.total, 'a value of the latent, a density')] : []),
    ...(autoencoder
      ? [{ label: 'PSNR', value: autoencoder.psnr.mean, spread: autoencoder.psnr.error, unit: 'dB' }]
      : []),
  ];
}

const COLUMNS = ['', 'nats a picture', '±', 'nats/dim', 'bits/dim', '±'];

const row = (label: string, term: NllTerm): string[] => [
  label,
  fixed(term.nats, 1),
  fixed(term.natsError, 1),
  fixed(term.natsPerDimension, 4),
  fixed(term.bitsPerDimension, 4),
  fixed(term.bitsPerDimensionError, 4),
];

const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : numberText(value);

function autoencoderTable({
  samples,
  divergence,
  continuous,
  discrete,
}: NonNullable<NllResult['autoencoder']>): ReportSection {
  const bound = (name: string, terms: BoundTerms): string[][] => [
    row(`${name}: reconstruction`, terms.reconstruction),
    row(`${name}: −ELBO`, terms.negativeElbo),
    ...(samples > 1 ? [row(`${name}: importance-weighted, k = ${samples}`, terms.importanceWeighted)] : []),
  ];
  const rows = [
    row('divergence KL(q(z|x) ‖ p(z))', divergence),
    ...bound('discrete', discrete),
    ...bound('continuous', continuous),
  ];
  return { kind: 'table', title: 'Autoencoder', lead: `${nllConventions.autoencoder}.`, columns: COLUMNS, rows };
}

function latentSections({ terms, strata, timesteps, conditioned }: LatentNll): ReportSection[] {
  const sampling =
    strata.length === timesteps - 1
      ? 'Every timestep was taken'
      : `One timestep was drawn in each of ${strata.length} strata of ${timesteps}`;
  const each = (variance: 'fixed_small' | 'fixed_large', name: string) => ({
    name,
    x: strata.map(({ first, last }) => Math.sqrt(first * last)),
    y: strata.map((stratum) => stratum[variance] / (stratum.last - stratum.first + 1)),
  });
  return [
    {
      kind: 'table',
      title: 'Diffusion model',
      lead: `${nllConventions.latent}. ${sampling}, ${conditioned ? 'with captions' : 'without captions'}.`,
      columns: COLUMNS,
      rows: latentTerms(terms).map(([name, term]) => row(name, term)),
    },
    {
      kind: 'chart',
      title: 'What each timestep costs',
      lead: 'L_{t−1} of a single timestep, the mean over its stratum: bits for each value of the latent.',
      chart: {
        series: [each('fixed_large', 'σ_t² = β_t'), each('fixed_small', 'σ_t² = β̃_t')],
        xLabel: 'timestep',
        yLabel: 'bits/dim',
        xScale: 'log',
        yScale: 'log',
      },
    },
  ];
}

function jointSections({ stops, best, dimensions }: JointNll): ReportSection[] {
  const bits = (term: NllTerm): number => bitsPerDimension(term.nats, dimensions);
  const symbol = best.variance === 'fixed_small' ? 'β̃_t' : 'β_t';
  return [
    {
      kind: 'table',
      title: 'Whole model',
      lead: `${nllConventions.joint}: the chain stopped at timestep ${best.timestep}, σ_t² = ${symbol}.`,
      columns: COLUMNS,
      rows: jointTerms(best).map(([name, term]) => row(name, term)),
    },
    {
      kind: 'chart',
      title: 'Rate and distortion',
      lead: 'Each mark stops the chain at another timestep: more bits spent on the latent, fewer left for the picture. Progressive coding, as in DDPM figure 5.',
      chart: {
        series: [
          { name: 'stops', x: stops.map(({ rate }) => bits(rate)), y: stops.map(({ distortion }) => bits(distortion)) },
        ],
        xLabel: 'rate, bits/dim of the picture',
        yLabel: 'distortion, bits/dim',
      },
    },
  ];
}

async function gallerySections(
  { model, size, perPicture }: NllResult,
  { images, split, count, device = 'cpu' }: Pick<NllOptions, 'images' | 'split' | 'count' | 'device'>,
): Promise<ReportSection[]> {
  const { pictures } = await openPictures({ images, split, count });
  const order = perPicture
    .map((_, k) => k)
    .sort((a, b) => perPicture[a]!.bitsPerDimension - perPicture[b]!.bitsPerDimension);
  const likeliest = order.slice(0, SHOWN);
  const unlikeliest = order.slice(SHOWN).reverse().slice(0, SHOWN);
  const autoencoder = await openAutoencoder(model, { size, device });
  const cards = async (indices: readonly number[]): Promise<PictureCard[]> => {
    const made: PictureCard[] = [];
    for (const index of indices)
      made.push(await reconstructed(pictures, index, { autoencoder, facts: perPicture[index]! }));
    return made;
  };
  try {
    return [
      {
        kind: 'pictures',
        title: 'Likeliest and unlikeliest',
        lead: 'Left the picture, right what the decoder makes of its posterior mean.',
        groups: [
          { label: 'fewest bits', cards: await cards(likeliest) },
          { label: 'most bits', cards: await cards(unlikeliest) },
        ].filter((group) => group.cards.length > 0),
      },
    ];
  } finally {
    await autoencoder.dispose();
  }
}

async function reconstructed(
  pictures: ImageSet,
  index: number,
  { autoencoder, facts }: { readonly autoencoder: OpenAutoencoder; readonly facts: NllPicture },
): Promise<PictureCard> {
  const area = { height: autoencoder.size, width: autoencoder.size };
  const bytes = await pictures.pixels(index, autoencoder.size);
  const { posterior } = await encodePicture(autoencoder, toPixels(bytes, area));
  const decoded = imageToBytes(await decodeRaw(autoencoder, posterior.mean), area);
  return {
    pictures: [
      await embedPicture({ pixels: bytes, ...area }, facts.name),
      await embedPicture({ pixels: decoded, ...area }, `${facts.name}, decoded`),
    ],
    figure: `${facts.bitsPerDimension.toFixed(3)} bits/dim`,
    caption: facts.caption === '' ? facts.name : facts.caption,
  };
}
