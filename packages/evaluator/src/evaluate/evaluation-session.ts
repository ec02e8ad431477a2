import { join } from 'node:path';
import { openFeatureCache, type FeatureCache, type InceptionDimensions } from '../index.js';
import { cacheFolder } from './cache-folder.js';
import type { ClipModelOptions, EvaluationOptions, FeatureOptions } from './evaluation-options.js';
import { forgivingCache } from './forgiving-cache.js';
import type { NamedSet } from './named-set.js';
import { openClipImages, openExtractor, type OpenedExtractor } from './open-extractor.js';

/** What a metric is computed from. */
export interface EvaluationRequest {
  readonly sets: readonly NamedSet[];
  readonly options: EvaluationOptions;
}

/** What reading sets needs, opened when the first image asks for it. */
export interface EvaluationSession extends EvaluationRequest {
  readonly network: () => Promise<OpenedExtractor & { readonly cache: FeatureCache | undefined }>;
  /** What was opened, if anything was. */
  readonly opened: () => OpenedExtractor | undefined;
}

/** Opens the network that a metric needs. */
export type OpenNetwork = () => Promise<OpenedExtractor>;

/** Runs `work` with a session and closes what it opened. */
export async function withSession<T>(
  request: EvaluationRequest,
  openNetwork: OpenNetwork,
  work: (session: EvaluationSession) => Promise<T>,
): Promise<T> {
  const { cache: wanted, onNotice } = request.options;
  let opened: (OpenedExtractor & { cache: FeatureCache | undefined }) | undefined;
  async function open() {
    const network = await openNetwork();
    const { name, dimensions, fingerprint = name } = network.extractor;
    const folder = wanted === false ? undefined : (wanted ?? join(cacheFolder(), 'features'));
    // Set before the cache is opened, which may fail: a thread that nobody ends would keep the process alive.
    opened = { ...network, cache: undefined };
    const onFailure = (reason: string): void => onNotice?.({ kind: 'cache', reason });
    const cache =
      folder === undefined
        ? undefined
        : forgivingCache(openFeatureCache({ folder, name: fingerprint, dimensions }), onFailure);
    return (opened = { ...network, cache });
  }
  let opening: ReturnType<typeof open> | undefined;
  try {
    return await work({ ...request, network: () => (opening ??= open()), opened: () => opened });
  } finally {
    opened?.cache?.close();
    await opened?.extractor.dispose?.();
  }
}

/** The network that `features` names; `dimensions` where a metric has no choice. */
export const featureNetwork =
  (options: FeatureOptions, dimensions?: InceptionDimensions): OpenNetwork =>
  () =>
    openExtractor(dimensions === undefined ? options : { ...options, dimensions });

/** The image encoder of a CLIP metric. */
export const clipNetwork =
  (options: EvaluationOptions & ClipModelOptions): OpenNetwork =>
  () =>
    openClipImages(options);
