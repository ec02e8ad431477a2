import { cachedFeatures, createMomentsAccumulator, featureMatrix, type ExtractionProgress } from '@lascaux/evaluator';
import { LascauxError, check } from '@lascaux/nn';
import type { SkippedPicture } from './evaluation-result.js';
import type { EvaluationSession } from './evaluation-session.js';
import { readFileSet } from './file-set.js';
import { growingMatrix } from './growing-matrix.js';
import { noteSet, refuseLeftOut } from './left-out.js';
import { openPictures, type PictureCollection } from './picture-collection.js';
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
 * @throws LascauxError when a set is missing, too small, or (without `--skip-bad`) holds a bad picture.
 */
export async function readSets(session: EvaluationSession, needs: SetNeeds): Promise<readonly ReadSet[]> {
  const { paths } = session.request;
  const opened: Opened[] = [];
  for (const path of paths) opened.push(await openSet(path, { session, needs }));
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
function tellFound(opened: readonly Opened[], { request }: EvaluationSession, { captions = false }: SetNeeds): void {
  const { flags, terminal } = request;
  const found = opened.flatMap((set) =>
    'collection' in set && set.collection.found ? [{ path: set.path, set: set.collection.found }] : [],
  );
  if (!flags.json) for (const { path, set } of found) noteSet(set, { path, captions, terminal });
  refuseLeftOut(
    found.map(({ path, set }) => ({ path, leftOut: set.leftOut })),
    flags.skipBad,
  );
}

const countOf = (set: Opened): number | undefined => ('ready' in set ? set.ready.count : set.collection.sources.length);

function checkCount(count: number | undefined, { path, needs }: { path: string; needs: SetNeeds }): void {
  const { minimum, reason } = needs;
  check(count === undefined || count >= minimum, {
    operation: path,
    rule: `at least ${minimum} pictures are needed (${reason})`,
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

async function openSet(path: string, options: { session: EvaluationSession; needs: SetNeeds }): Promise<Opened> {
  const { session, needs } = options;
  if (/\.np[yz]$/i.test(path)) return { path, ready: await readFileSet(path, needs) };
  const transparent = new Set<string>();
  const onTransparent = (name: string): void => void transparent.add(name);
  return { path, transparent, collection: await openPictures(path, { ...session.request.flags, onTransparent }) };
}

async function extract(
  { path, collection, transparent }: OpenedPictures,
  { session, needs }: { session: EvaluationSession; needs: SetNeeds },
): Promise<ReadSet> {
  const { request, display } = session;
  const { flags, terminal, keepFeatures = false } = request;
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
    batchSize: flags.batchSize,
    signal: terminal.signal,
    onBad: (index, error) => skipped.push({ name: sources[index]?.name ?? '', reason: reasonOf(error) }),
    onProgress: (now) => {
      progress = now;
      display.update(`pictures of ${path}`, now.done, sources.length);
    },
  });
  for await (const batch of batches) {
    if (keeps) rows.add(batch.features);
    if (needs.wanted === 'moments') moments.add(batch.features);
    for (const index of batch.indices) indices.push(index);
  }
  display.stop();
  if (progress && !flags.json) terminal.note(speedLine(path, progress, performance.now() - begin));
  if (transparent.size > 0) terminal.note(transparencyLine(path, transparent.size, flags.alpha));
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

function transparencyLine(path: string, count: number, alpha: 'ignore' | 'white'): string {
  const how =
    alpha === 'white'
      ? 'white is put behind them'
      : 'the colours that lie below count, as in pytorch-fid (--alpha white puts white behind)';
  return `note: ${path}: ${count} of the images decoded now have transparent parts: ${how}`;
}

function speedLine(path: string, progress: ExtractionProgress, milliseconds: number): string {
  const { done, cached: known, read, waitingMs, workingMs } = progress;
  const speed = ((1000 * (done - known)) / milliseconds).toFixed(2);
  const waiting = ((100 * waitingMs) / Math.max(waitingMs + workingMs, 1e-9)).toFixed(1);
  const rest = done > known ? `; ${speed} images/s, the network waited ${waiting} % of the time` : '';
  return `${path}: ${done} pictures, ${known} of them known from the cache, ${read} files read${rest}`;
}

/** The reason without the name, which stands before it. */
const reasonOf = (error: Error): string => (error instanceof LascauxError ? error.rule : error.message);

function refuseBad(sets: readonly ReadSet[], { request }: EvaluationSession): void {
  const bad = sets.flatMap(({ path, skipped }) => skipped.map(({ name, reason }) => `${path}: ${name}: ${reason}`));
  for (const line of bad) request.terminal.note(request.flags.skipBad ? `skipped: ${line}` : `bad: ${line}`);
  check(bad.length === 0 || request.flags.skipBad, {
    operation: 'evaluate',
    rule: 'every picture must be readable (they are listed above; --skip-bad leaves them out)',
    value: `${bad.length} bad ${bad.length === 1 ? 'picture' : 'pictures'}`,
  });
}
