import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePng } from '@lascaux/data';
import {
  cachedFeatures,
  createMomentsAccumulator,
  featureMatrix,
  frechetDistanceOfMoments,
  openInception,
  readFeatures,
  writeMoments,
  type FeatureMatrix,
  type FeatureMoments,
  type ImageFeatureExtractor,
  type PictureSource,
} from '@lascaux/evaluator';
import { check, randomStream } from '@lascaux/nn';
import sharp from 'sharp';
import { median } from '../statistics.js';
import { openFidPeer, type Cost } from './fid-peer.js';
import { parsedOptions } from '../parsed-options.js';

const DIMENSIONS = 2048;
/** Rows of the features whose distance is timed. */
const ROWS = 4096;

const OPTIONS = {
  peer: { type: 'string', default: 'python3' },
  threads: { type: 'string' },
  images: { type: 'string', default: '32' },
  size: { type: 'string', default: '256' },
  batch: { type: 'string', default: '16' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
} as const;

/** What both sides took, and how far apart their numbers are. */
interface FidFigures {
  readonly peer: string;
  readonly images: number;
  readonly size: number;
  readonly batch: number;
  readonly threads: number | undefined;
  readonly rounds: number;
  readonly features: {
    readonly ours: Cost;
    readonly peer: Cost;
    readonly largestDifference: number;
    readonly waiting: number;
  };
  readonly frechet: { readonly ours: Cost; readonly peer: Cost; readonly relativeDifference: number };
}

/**
 * `npm run bench -- fid`: 2048 features of a folder and the Fréchet solve, beside pytorch-fid with the same random weights. Both sides are held to
 * the same number of threads, see a batch beforehand that does not count, and take turns in being first; of several rounds the median counts.
 */
export async function fidBench(args: readonly string[]): Promise<void> {
  const { peer: python, json, ...texts } = parsedOptions('bench fid', args, OPTIONS);
  const [images, size, batch, rounds] = [
    whole('--images', texts.images),
    whole('--size', texts.size),
    whole('--batch', texts.batch),
    whole('--rounds', texts.rounds),
  ];
  const threads = texts.threads === undefined ? undefined : whole('--threads', texts.threads);
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-bench-fid-'));
  try {
    const weights = join(folder, 'random.pth');
    const peer = await openFidPeer({ python, threads, weights });
    const files = await writePictures(folder, { images, size });
    const extractor = await openInception({ weights, threads });
    const out = join(folder, 'peer.npy');
    const [ourRounds, theirRounds]: [OurFeatures[], Cost[]] = [[], []];
    const own = async (): Promise<unknown> => ourRounds.push(await ourFeatures(extractor, { files, batch }));
    const other = async (): Promise<unknown> => theirRounds.push(await peer.features({ files, batch, out }));
    const warmUp = files.slice(0, batch);
    await ourFeatures(extractor, { files: warmUp, batch });
    await peer.features({ files: warmUp, batch, out });
    for (let round = 0; round < rounds; round++)
      for (const turn of round % 2 === 0 ? [own, other] : [other, own]) await turn();
    await extractor.dispose?.();
    const ours = ourRounds.at(-1)!;
    const [ourCost, theirCost] = [medianCost(ourRounds.map(({ cost }) => cost)), medianCost(theirRounds)];
    const largestDifference = difference(ours.features, await readFeatures(out));
    const [a, b] = [randomMoments(1), randomMoments(2)];
    const paths = [join(folder, 'a.npz'), join(folder, 'b.npz')] as const;
    await writeMoments(paths[0], a);
    await writeMoments(paths[1], b);
    const { value, ...solve } = await timed(() => frechetDistanceOfMoments(a, b));
    const { value: peerValue, ...peerSolve } = await peer.frechet(...paths);
    peer.close();
    const figures: FidFigures = {
      ...{ peer: peer.version, images, size, batch, threads, rounds },
      features: { ours: ourCost, peer: theirCost, largestDifference, waiting: ours.waiting },
      frechet: { ours: solve, peer: peerSolve, relativeDifference: Math.abs(value - peerValue) / peerValue },
    };
    console.log(json ? JSON.stringify(figures) : figuresText(figures));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  const rule = 'must be a whole number from 1';
  check(Number.isSafeInteger(value) && value >= 1, { operation: flag, rule, value: text, kind: 'usage' });
  return value;
}

/** Smooth waves with noise, so that a PNG of them costs what one of a photograph does. */
async function writePictures(folder: string, { images, size }: { images: number; size: number }): Promise<string[]> {
  const random = randomStream(0);
  const files = Array.from({ length: images }, (_, i) => join(folder, `${String(i).padStart(5, '0')}.png`));
  for (const [i, file] of files.entries()) {
    const noise = random.normal(3 * size * size);
    const wave = (at: number) => 128 + 90 * Math.sin((at / 3 / size) * 0.1 * (1 + i / images) + (at % size) * 0.05);
    await writePng(
      file,
      Uint8Array.from(noise, (value, at) => Math.min(Math.max(wave(at) + 8 * value, 0), 255)),
      {
        height: size,
        width: size,
      },
    );
  }
  return files;
}

async function timed<T>(work: () => T | Promise<T>): Promise<Cost & { readonly value: T }> {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    value,
    seconds: (performance.now() - begin) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** What one round of ours gave and took. */
interface OurFeatures {
  readonly features: FeatureMatrix;
  readonly cost: Cost;
  /** Share of the time in which the network waited for pictures. */
  readonly waiting: number;
}

/** The median of each clock over rounds. */
const medianCost = (costs: readonly Cost[]): Cost => ({
  seconds: median(costs.map(({ seconds }) => seconds)),
  cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
  peakBytes: Math.max(...costs.map(({ peakBytes }) => peakBytes)),
});

async function ourFeatures(
  extractor: ImageFeatureExtractor,
  { files, batch }: { files: readonly string[]; batch: number },
): Promise<OurFeatures> {
  const pictures = files.map((file): PictureSource => ({
    name: file,
    read: () => readFile(file),
    decode: async (bytes) => {
      const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      return { pixels: data, width: info.width, height: info.height };
    },
  }));
  const all = new Float32Array(files.length * DIMENSIONS);
  let waiting = 0;
  const cost = await timed(async () => {
    let row = 0;
    const onProgress = ({ waitingMs, workingMs }: { waitingMs: number; workingMs: number }) =>
      void (waiting = waitingMs / (waitingMs + workingMs));
    for await (const { features } of cachedFeatures(pictures, { extractor, batchSize: batch, onProgress })) {
      all.set(features.data, row);
      row += features.data.length;
    }
  });
  return { features: featureMatrix(all, DIMENSIONS), cost, waiting };
}

/** Largest difference of two matrices, as a share of the largest value. */
function difference(a: FeatureMatrix, b: FeatureMatrix): number {
  const [largest, apart] = [new Float64Array(1), new Float64Array(1)];
  a.data.forEach((value, i) => {
    largest[0] = Math.max(largest[0]!, Math.abs(value));
    apart[0] = Math.max(apart[0]!, Math.abs(value - (b.data[i] ?? NaN)));
  });
  return apart[0]! / largest[0]!;
}

/** Mean and covariance of correlated, positive features, as the network's are. */
function randomMoments(seed: number): FeatureMoments {
  const random = randomStream(seed);
  const moments = createMomentsAccumulator(DIMENSIONS);
  const rows = 512;
  for (let start = 0; start < ROWS; start += rows) {
    const noise = random.normal(rows * DIMENSIONS);
    const mixed = noise.map(
      (value, i) => Math.max(0.3 + 0.3 * value + 0.2 * (noise[i - 1] ?? 0), 0) / (1 + (i % DIMENSIONS) / 256),
    );
    moments.add(featureMatrix(mixed, DIMENSIONS));
  }
  return moments.moments();
}

function figuresText({ peer, images, size, batch, threads, rounds, features, frechet }: FidFigures): string {
  const cost = ({ seconds, cpuSeconds, peakBytes }: Cost): string =>
    `${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU time, peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
  const speed = ({ seconds, cpuSeconds }: Cost): string =>
    `${(images / seconds).toFixed(2)} images/s, ${(images / cpuSeconds).toFixed(2)} a second of CPU time`;
  const ratio = (ours: Cost, theirs: Cost): string =>
    `${(theirs.seconds / ours.seconds).toFixed(2)} × the speed of the peer, ${(theirs.cpuSeconds / ours.cpuSeconds).toFixed(2)} × in CPU time`;
  return [
    `2048 features of ${images} PNG pictures of ${size}×${size}, batch ${batch}, threads: ${threads ?? 'their own choice'}, median of ${rounds} rounds; peer: pytorch-fid, ${peer}`,
    `  ours  ${speed(features.ours)} (${cost(features.ours)}); the network waited ${(100 * features.waiting).toFixed(1)} %`,
    `  peer  ${speed(features.peer)} (${cost(features.peer)})`,
    `        ${ratio(features.ours, features.peer)}; features differ by ${features.largestDifference.toExponential(1)} of the largest`,
    'Fréchet distance of two covariances of 2048×2048',
    `  ours  ${cost(frechet.ours)}`,
    `  peer  ${cost(frechet.peer)} (scipy.linalg.sqrtm)`,
    `        ${ratio(frechet.ours, frechet.peer)}; values differ by ${frechet.relativeDifference.toExponential(1)}`,
  ].join('\n');
}
