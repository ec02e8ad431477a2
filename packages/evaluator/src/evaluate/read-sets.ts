import {
  cachedFeatures,
  createMomentsAccumulator,
  featureMatrix,
  type ExtractionProgress,
  type FeatureMatrix,
  type RgbPicture,
} from '../index.js';
import { LascauxError, check } from '@lascaux/nn';
import type { SkippedPicture } from './evaluation-result.js';
import type { EvaluationSet } from './evaluation-options.js';
import type { EvaluationSession } from './evaluation-session.js';
import { featureSet, readFileSet } from './file-set.js';
import { growingMatrix } from './growing-matrix.js';
import { refuseLeftOut } from './left-out.js';
import type { NamedSet } from './named-set.js';
import { fromImages, fromSet, openPictures, type PictureCollection } from './picture-collection.js';
import type { ReadSet, SetNeeds } from './set-needs.js';

/** Pictures that are to be read. */
interface OpenedPictures {
  readonly path: string;
  readonly collection: PictureCollection;
  /** Names of pictures with transparent parts, among those decoded. */
  readonly transparent: Set<string>;
}

type Opened = OpenedPictures | { readonly path: string; readonly ready: ReadSet };

/**
 * Reads all sets of a request. All are opened and counted before the first picture is decoded; pictures that cannot be read are all listed
 * before it fails.
 *
 * @throws LascauxError when a set is missing, too small, or (without `skipBad`) holds a bad picture.
 */
export async function readSets(session: EvaluationSession, needs: SetNeeds): Promise<readonly ReadSet[]> {
  const opened: Opened[] = [];
  for (const set of session.sets) opened.push(await openSet(set, { session, needs }));
  tellFound(opened, session, needs);
  for (const set of opened) checkCount(countOf(set), { path: set.path, needs });
  await checkDimensions(opened, session);
  const sets: ReadSet[] = [];
  for (const set of opened) sets.push('ready' in set ? set.ready : await extract(set, { session, needs }));
  refuseBad(sets, session);
  for (const { count, path } of sets) checkCount(count, { path, needs });
  return sets;
}

/** Says what was found, and refuses a number when images were not. */
function tellFound(opened: readonly Opened[], { options }: EvaluationSession, { captions = false }: SetNeeds): void {
  const found = opened.flatMap((set) =>
    'collection' in set && set.collection.found ? [{ path: set.path, set: set.collection.found }] : [],
  );
  for (const { path, set } of found) options.onNotice?.({ kind: 'found', path, set, captions });
  refuseLeftOut(
    found.map(({ path, set }) => ({ path, leftOut: set.leftOut })),
    options.skipBad ?? false,
  );
}

const countOf = (set: Opened): number | undefined => ('ready' in set ? set.ready.count : set.collection.sources.length);

function checkCount(count: number | undefined, { path, needs }: { path: string; needs: SetNeeds }): void {
  const { minimum, reason, option } = needs;
  const rule = `at least ${minimum} pictures are needed (${reason})`;
  check(count === undefined || count >= minimum, {
    ...(option === undefined ? { operation: path, rule } : { option, rule: `${path}: ${rule}` }),
    value: count,
    kind: 'usage',
  });
}

const dimensionsOf = ({ features, moments }: ReadSet): number | undefined => features?.columns ?? moments?.mean.length;

/** Files must have the dimensions of the other side; found out before pictures are read, which takes long. */
async function checkDimensions(opened: readonly Opened[], session: EvaluationSession): Promise<void> {
  const ready = opened.flatMap((set) => ('ready' in set ? [set.ready] : []));
  const isMixed = ready.length > 0 && ready.length < opened.length;
  const expected = isMixed ? (await session.network()).extractor.dimensions : ready[0] && dimensionsOf(ready[0]);
  for (const set of ready)
    check(dimensionsOf(set) === expected, {
      operation: set.path,
      rule: 'must have as many dimensions as the other set',
      value: dimensionsOf(set),
      accepted: String(expected),
      kind: 'usage',
    });
}

async function openSet(
  { path, set }: NamedSet,
  { session, needs }: { session: EvaluationSession; needs: SetNeeds },
): Promise<Opened> {
  if (typeof set === 'string' && /\.np[yz]$/i.test(set)) return { path, ready: await readFileSet(set, needs) };
  if (isFeatures(set)) return { path, ready: featureSet(path, set, needs) };
  const transparent = new Set<string>();
  const onTransparent = (name: string): void => void transparent.add(name);
  const { alpha = 'ignore', sprites = false, split } = session.options;
  const options = { alpha, sprites, split, captionColumn: needs.captionColumn, onTransparent };
  if (typeof set === 'string') return { path, transparent, collection: await openPictures(set, options) };
  const collection = isImages(set) ? fromImages(set, path) : fromSet(set, 'images', options);
  return { path, transparent, collection };
}

const isFeatures = (set: EvaluationSet): set is FeatureMatrix => typeof set === 'object' && 'columns' in set;
const isImages = (set: Exclude<EvaluationSet, string>): set is readonly RgbPicture[] => Array.isArray(set);

async function extract(
  { path, collection, transparent }: OpenedPictures,
  { session, needs }: { session: EvaluationSession; needs: SetNeeds },
): Promise<ReadSet> {
  const { alpha = 'ignore', batchSize = 16, keepFeatures = false, signal, onProgress, onNotice } = session.options;
  const { extractor, cache } = await session.network();
  const { sources, kind } = collection;
  const moments = createMomentsAccumulator(extractor.dimensions);
  const keeps = needs.wanted === 'features' || keepFeatures;
  const rows = growingMatrix(extractor.dimensions, keeps ? sources.length : 0);
  const [skipped, indices]: [SkippedPicture[], number[]] = [[], []];
  let progress: ExtractionProgress | undefined;
  const begin = performance.now();
  const batches = cachedFeatures(sources, {
    extractor,
    cache,
    batchSize,
    signal,
    onBad: (index, error) => skipped.push({ name: sources[index]?.name ?? '', reason: reasonOf(error) }),
    onProgress: (now) => {
      progress = now;
      onProgress?.({ what: 'images', set: path, done: now.done, total: sources.length });
    },
  });
  for await (const batch of batches) {
    if (keeps) rows.add(batch.features);
    if (needs.wanted === 'moments') moments.add(batch.features);
    for (const index of batch.indices) indices.push(index);
  }
  if (progress) onNotice?.({ kind: 'read', path, milliseconds: performance.now() - begin, progress });
  if (transparent.size > 0) onNotice?.({ kind: 'transparent', path, count: transparent.size, alpha });
  const count = indices.length;
  return {
    path,
    kind,
    count,
    skipped,
    leftOut: collection.found?.leftOut ?? [],
    indices,
    collection,
    names: indices.map((index) => sources[index]?.name ?? ''),
    picture: async (i) => {
      const source = sources[indices[i] ?? -1];
      check(source !== undefined, { operation: path, rule: `has ${count} pictures`, value: i });
      return source.decode(await source.read());
    },
    features: keeps ? featureMatrix(rows.data(), extractor.dimensions) : undefined,
    moments: needs.wanted === 'moments' && count > 1 ? moments.moments() : undefined,
  };
}

/** The reason without the name, which stands before it. */
const reasonOf = (error: Error): string => (error instanceof LascauxError ? error.rule : error.message);

function refuseBad(sets: readonly ReadSet[], { options: { skipBad = false, onNotice } }: EvaluationSession): void {
  const bad = sets.flatMap(({ path, skipped }) => skipped.map((picture) => ({ path, ...picture })));
  for (const picture of bad) onNotice?.({ kind: 'bad', ...picture });
  check(bad.length === 0 || skipBad, {
    option: 'skipBad',
    rule: 'every picture must be readable',
    value: `${bad.length} bad ${bad.length === 1 ? 'picture' : 'pictures'}: ${bad.map(({ name }) => name).join(', ')}`,
    kind: 'failure',
  });
}
