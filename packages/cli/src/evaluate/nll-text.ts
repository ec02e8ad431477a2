import {
  jointTerms,
  latentTerms,
  nllConventions,
  type BoundTerms,
  type NllPart,
  type NllResult,
  type NllTerm,
} from '@lascaux/evaluator/evaluate';

type Row = readonly [label: string, ...values: string[]];

/** The bounds as a table for people: nats a picture, and nats and bits a dimension. */
export function nllText(result: NllResult): string {
  return [...heading(result), ...autoencoderLines(result), ...latentLines(result), ...jointLines(result)].join('\n');
}

function heading({ model, data, pictures, size, seed, observation }: NllResult): string[] {
  return [
    `${pictures} pictures of ${data} at ${size}×${size} under ${model}, seed ${seed}; ± is the standard error over pictures`,
    `ln σ² of p(x|z) = ${observation.logVariance.toFixed(4)} (${observation.source})`,
  ];
}

function autoencoderLines({ autoencoder }: NllResult): string[] {
  if (autoencoder === undefined) return [];
  const { dimensions, samples, psnr, divergence, continuous, discrete } = autoencoder;
  const bound = (name: string, { reconstruction, negativeElbo, importanceWeighted }: BoundTerms): Row[] => [
    termRow(`${name}: reconstruction −ln p(x|z)`, reconstruction),
    termRow(`${name}: −ELBO`, negativeElbo),
    ...(samples > 1 ? [termRow(`${name}: importance-weighted, k = ${samples}`, importanceWeighted)] : []),
  ];
  return section('autoencoder', `D = ${dimensions}, k = ${samples}`, [
    ['PSNR at the posterior mean', `${psnr.mean.toFixed(2)} ± ${psnr.error.toFixed(2)} dB`],
    HEADER,
    termRow('divergence KL(q(z|x) ‖ p(z))', divergence),
    ...bound('continuous', continuous),
    ...bound('discrete', discrete),
  ]);
}

function latentLines({ latent }: NllResult): string[] {
  if (latent === undefined) return [];
  const { dimensions, timesteps, conditioned, strata, terms } = latent;
  const taken = strata.length === timesteps - 1 ? 'all timesteps' : `${strata.length} strata of ${timesteps} timesteps`;
  const facts = `D = ${dimensions}, ${taken}, ${conditioned ? 'captions given' : 'no captions'}`;
  return section('diffusion on latents', facts, [
    HEADER,
    ...latentTerms(terms).map(([name, term]) => termRow(name, term)),
  ]);
}

function jointLines({ joint }: NllResult): string[] {
  if (joint === undefined) return [];
  const { timestep, variance } = joint.best;
  const symbol = variance === 'fixed_small' ? 'β̃_t' : 'β_t';
  return section('joint', `D = ${joint.dimensions}, chain stopped at timestep ${timestep}, σ_t² = ${symbol}`, [
    HEADER,
    ...jointTerms(joint.best).map(([name, term]) => termRow(name, term)),
  ]);
}

const HEADER: Row = ['', 'nats a picture', 'nats a dimension', 'bits a dimension'];
const part: Readonly<Record<string, NllPart>> = {
  autoencoder: 'autoencoder',
  'diffusion on latents': 'latent',
  joint: 'joint',
};

function termRow(label: string, term: NllTerm): Row {
  return [
    label,
    `${term.nats.toFixed(1)} ± ${term.natsError.toFixed(1)}`,
    term.natsPerDimension.toFixed(4),
    `${term.bitsPerDimension.toFixed(4)} ± ${term.bitsPerDimensionError.toFixed(4)}`,
  ];
}

function section(title: string, facts: string, rows: readonly Row[]): string[] {
  const tabular = rows.filter((row) => row.length > 2);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...tabular.map((row) => (row[column] ?? '').length)));
  const line = ([label, ...values]: Row): string =>
    [
      label.padEnd(widths[0]!),
      ...values.map((value, i) => (values.length > 1 ? value.padStart(widths[i + 1]!) : value)),
    ].join('  ');
  return ['', `${title} (${facts})`, ...rows.map((row) => `  ${line(row)}`), `  ${nllConventions[part[title]!]}`];
}
