import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream as dataStream, fromPixels, saveGrid } from '@lascaux/data';
import { writeFileAtomically, randomStream } from '@lascaux/nn';
import type { Engine } from '@lascaux/nn';
import { painterCaption, painterScene, type CaptionSource, type PainterScene, type SceneSource } from '@lascaux/scenes';
import type { AppearanceCodes } from './appearance.js';
import type { TrainingView } from '@lascaux/training';
import { IMAGE_SIDE, LATENT_LENGTH, scaled, unscaled, type LatentStore, type Scaling } from './latent-store.js';
import { openDecoder } from './open-decoder.js';
import { openDenoiser, painted, tokensOfScenes } from './painting.js';

/** Latents whose errors are measured, and pictures of a sheet. */
const MEASURED = 96;
const SHOWN = 48;
/** Shares of noise on the straight path at which errors are measured: from 0.8 on they say whether the caption is followed, below 0.5 detail. */
const NOISE_SHARES = [0.95, 0.8, 0.6, 0.4, 0.2] as const;

/** What of a training is looked at. */
type ReportedView = Pick<TrainingView, 'engine' | 'weights' | 'imagesSeen' | 'folder'>;

/** Options of `denoiserReport`. */
export interface DenoiserReportOptions {
  readonly codes: AppearanceCodes;
  readonly store: LatentStore;
  readonly scenes: SceneSource;
  readonly captions: CaptionSource;
  readonly scaling: Scaling;
  readonly alphaBars: ArrayLike<number>;
  /** The VAE's weights by name. */
  readonly vae: ReadonlyMap<string, Float32Array>;
}

/** The timestep at which the schedule has a given √ᾱ, the nearest from above. */
function timestepAt(alphaBars: ArrayLike<number>, signal: number): number {
  for (let t = 0; t < alphaBars.length; t++) if (alphaBars[t]! <= signal ** 2) return t;
  return alphaBars.length - 1;
}

/** What makes a scene easy or hard to paint. */
function kindOf({ kind, ground, items }: PainterScene): string {
  if (kind !== 'single') return kind;
  if (items[0]!.colour !== null) return 'single, coloured';
  return ground === 'white' ? 'single on white' : 'single on a ground';
}

/**
 * Mean squared errors of the estimated x0 of latents, by share of noise, and of latents painted from noise alone: drawings stand steadily, so
 * there is one right latent.
 */
async function errors(view: ReportedView, options: DenoiserReportOptions): Promise<Readonly<Record<string, number>>> {
  const { store, scenes, scaling, alphaBars, codes } = options;
  const indices = Array.from({ length: MEASURED }, (_, k) => Math.floor(((k + 0.5) * store.length) / MEASURED));
  const tokens = tokensOfScenes(
    indices.map((i) => painterScene(scenes, i)),
    codes,
  );
  const denoiser = await openDenoiser(view.engine, view.weights, MEASURED);
  const clean = new Float32Array(MEASURED * LATENT_LENGTH);
  indices.forEach((i, k) => clean.set(scaled(store.latent(i), scaling), k * LATENT_LENGTH));
  const noise = randomStream(0).normal(clean.length);
  const found: Record<string, number> = {};
  for (const share of NOISE_SHARES) {
    const timestep = timestepAt(alphaBars, Math.cos(Math.atan2(share, 1 - share)));
    const [signal, sigma] = [Math.sqrt(alphaBars[timestep]!), Math.sqrt(1 - alphaBars[timestep]!)];
    const noisy = clean.map((x, i) => signal * x + sigma * noise[i]!);
    const guessed = await denoiser.clean(noisy, timestep, tokens);
    const total = guessed.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0);
    found[`x0 error at ${share}`] = total / clean.length;
  }
  const latents = await painted(denoiser, tokens, { alphaBars });
  const painting = indices.map((_, k) => {
    let sum = 0;
    for (let i = k * LATENT_LENGTH; i < (k + 1) * LATENT_LENGTH; i++) sum += (latents[i]! - clean[i]!) ** 2;
    return sum / LATENT_LENGTH;
  });
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  found['error painted'] = mean(painting);
  const kinds = indices.map((i) => kindOf(painterScene(scenes, i)));
  for (const kind of new Set(kinds)) found[`of ${kind}`] = mean(painting.filter((_, k) => kinds[k] === kind));
  await denoiser.dispose();
  return found;
}

/** Images of scaled latents, one after another. */
async function decoded(
  engine: Engine,
  latents: Float32Array,
  { vae, scaling }: DenoiserReportOptions,
): Promise<readonly Uint8Array[]> {
  const { decode, dispose } = await openDecoder(engine, vae, 1);
  const images: Uint8Array[] = [];
  for (let k = 0; k * LATENT_LENGTH < latents.length; k++) {
    const raw = unscaled(latents.subarray(k * LATENT_LENGTH, (k + 1) * LATENT_LENGTH), scaling);
    images.push(fromPixels(await decode(raw), { height: IMAGE_SIDE, width: IMAGE_SIDE }));
  }
  await dispose();
  return images;
}

/** Measures and shows what the weights of a running training can do: `report.jsonl` and a sheet of pictures in `samples/`. */
export async function denoiserReport(view: ReportedView, options: DenoiserReportOptions): Promise<void> {
  const { scenes, captions, store, alphaBars, codes } = options;
  const { engine, imagesSeen, folder } = view;
  const found = await errors(view, options);
  await appendFile(join(folder.samples, 'report.jsonl'), `${JSON.stringify({ imagesSeen, ...found })}\n`);
  const shown = Array.from({ length: SHOWN }, (_, k) => painterScene(scenes, store.length - 1 - k));
  const denoiser = await openDenoiser(engine, view.weights, SHOWN);
  const latents = await painted(denoiser, tokensOfScenes(shown, codes), { alphaBars });
  await denoiser.dispose();
  const path = join(folder.samples, `${String(imagesSeen).padStart(8, '0')}.png`);
  await saveGrid(path, [...(await decoded(engine, latents, options))], {
    height: IMAGE_SIDE,
    width: IMAGE_SIDE,
    columns: 8,
  });
  await writeFileAtomically(
    join(folder.samples, 'captions.txt'),
    shown.map((scene, k) => `${k}: ${painterCaption(scene, captions, dataStream(`sheet/${k}`))}\n`).join(''),
  );
}
