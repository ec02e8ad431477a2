import type { CallExplanation, GenerateOptions, Picture, ResolvedOptions } from '@lascaux/pipeline';
import type { CallNote } from '@lascaux/pipeline/notes';

/** One image to paint; what is left out comes from the model. */
export type PaintRequest = Omit<GenerateOptions, 'count'>;

/** How far an image is. */
export interface PaintProgress {
  /** Steps that are done, 1 … steps. */
  readonly step: number;
  readonly steps: number;
  /** What the estimate of the finished latent shows, at the steps that were asked for. */
  readonly preview?: Picture;
}

/** How painting reports and is stopped. */
export interface PaintCalls {
  /** Stops painting before the next step. */
  readonly signal?: AbortSignal;
  /** Steps after which progress brings a preview, spread evenly over the run; the last step has none. Default 0. */
  readonly previews?: number;
  readonly onStep?: (progress: PaintProgress) => void;
}

/** A painted image. */
export interface PaintedImage {
  readonly image: Picture;
  readonly seed: number;
  readonly options: ResolvedOptions;
  /** The settings text for its file. */
  readonly parameters: string;
  /** What the client should know about its request. */
  readonly notes: readonly CallNote[];
}

/** A loaded model that paints; one image at a time. */
export interface Painter {
  /** @throws LascauxError for an option that the model does not have; the signal's reason when it is aborted */
  paint(request: PaintRequest, calls?: PaintCalls): Promise<PaintedImage>;
  /**
   * What happens when such an image is painted, without painting it.
   * @throws LascauxError for an option that the model does not have
   */
  explain(request: PaintRequest): Promise<CallExplanation>;
  /** Settles when the painter can paint no more because something broke: whoever holds it opens another. */
  readonly broken: Promise<void>;
  /** Frees its memory. */
  dispose(): Promise<void>;
}
