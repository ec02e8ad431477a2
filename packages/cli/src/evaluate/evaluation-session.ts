import { join } from 'node:path';
import { openFeatureCache, type FeatureCache, type InceptionDimensions } from '@lascaux/evaluator';
import { cacheFolder } from './cache-folder.js';
import type { EvaluationRequest } from './evaluate-flags.js';
import { evaluationDisplay, type EvaluationDisplay } from './evaluation-display.js';
import { forgivingCache } from './forgiving-cache.js';
import { openClipImages, openExtractor, type OpenedExtractor } from './open-extractor.js';

/** What reading sets needs, opened when the first picture asks for it. */
export interface EvaluationSession {
  readonly request: EvaluationRequest;
  readonly display: EvaluationDisplay;
  readonly network: () => Promise<OpenedExtractor & { readonly cache: FeatureCache | undefined }>;
  /** What was opened, if anything was. */
  readonly opened: () => OpenedExtractor | undefined;
}

/** Which network a metric needs, where the flags do not say. */
export interface NetworkChoice {
  readonly open?: () => Promise<OpenedExtractor>;
  readonly dims?: InceptionDimensions;
}

/** Runs `work` with a session and closes what it opened. */
export async function withSession<T>(
  request: EvaluationRequest,
  choice: NetworkChoice,
  work: (session: EvaluationSession) => Promise<T>,
): Promise<T> {
  const { flags, terminal } = request;
  const display = evaluationDisplay(terminal);
  const onDownload = (done: number, total: number) => display.update('bytes of weights', done, total);
  let opened: (OpenedExtractor & { cache: FeatureCache | undefined }) | undefined;
  async function open() {
    const network = await (choice.open?.() ?? openExtractor(flags, { dims: choice.dims, terminal, onDownload }));
    const { name, dimensions, fingerprint = name } = network.extractor;
    const folder = flags.cache === false ? undefined : (flags.cache ?? join(cacheFolder(), 'features'));
    // Set before the cache is opened, which may fail: a thread that nobody ends would keep the process alive.
    opened = { ...network, cache: undefined };
    const onFailure = (reason: string) => {
      display.stop();
      terminal.note(`note: features are not kept any more (${reason})`);
    };
    const cache =
      folder === undefined
        ? undefined
        : forgivingCache(openFeatureCache({ folder, name: fingerprint, dimensions }), onFailure);
    return (opened = { ...network, cache });
  }
  let opening: ReturnType<typeof open> | undefined;
  try {
    return await work({ request, display, network: () => (opening ??= open()), opened: () => opened });
  } finally {
    display.stop();
    opened?.cache?.close();
    await opened?.extractor.dispose?.();
  }
}

/** The choice of a CLIP metric. */
export const clipNetwork = ({ flags, terminal }: EvaluationRequest): NetworkChoice => ({
  open: () => openClipImages(flags, terminal),
});
