/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What can be chosen of a model, and what it paints with where nothing is chosen. */
export interface ModelFacts {
  readonly id: string;
  readonly defaults: Size & { readonly steps: number; readonly guidanceScale: number; readonly sampler: string };
  /** Sides are multiples of this. */
  readonly multiple: number;
  /** The longest side, where there is one. */
  readonly largest?: number;
  readonly samplers: readonly string[];
}

/** A picture to start from, as PNG, JPEG or WebP. */
export interface SourceImage {
  readonly image: Blob;
  /** A PNG of the same shape: what is transparent is painted anew, the rest stays. */
  readonly mask?: Blob;
  /** How much of it is painted anew: above 0, up to 1. */
  readonly strength: number;
}

/** Pictures to paint; picture k has the seed `seed + k`. */
export interface PaintOrder extends Size {
  readonly model: string;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly sampler: string;
  readonly count: number;
  readonly source?: SourceImage;
  /** Previews of each picture, evenly over its steps. */
  readonly previews: number;
}

/** How far a picture is. */
export interface Preview {
  /** Which picture of the order, from 0. */
  readonly index: number;
  /** Steps that are done. */
  readonly step: number;
  readonly steps: number;
  /** What the estimate of the finished picture shows. */
  readonly image: Blob;
}

/** A finished picture. */
export interface Painted extends Size {
  readonly index: number;
  readonly seed: number;
  /** A PNG with its settings inside. */
  readonly image: Blob;
}

/** What becomes of an order, as it comes about. */
export interface PaintEvents {
  onPreview: (preview: Preview) => void;
  onImage: (painted: Painted) => void;
  /** Something to know about the order, though nothing is wrong with it. */
  onNote: (note: string) => void;
}

/** A piece of a prompt as the text encoder reads it. */
export interface PromptToken {
  readonly text: string;
  readonly id: number;
  readonly weight: number;
}

/** One point of the noising process: x = signal · picture + sigma · noise. */
export interface Level {
  readonly timestep: number;
  readonly signal: number;
  readonly sigma: number;
}

/** How a picture comes about, before it is painted. */
export interface Explanation {
  /** The prompt's sequences; padding is left out. */
  readonly tokens: readonly (readonly PromptToken[])[];
  /** Tokens that do not fit. */
  readonly truncated: number;
  /** The levels of training, from little noise to much, thinned out. */
  readonly schedule: readonly Level[];
  /** Where the sampler asks the network, in order. */
  readonly evaluated: readonly Level[];
  /** The latent: channels, height and width. */
  readonly latent: readonly [number, number, number];
}

/** What is told while a backend gets ready. */
export type LoadingReport = (text: string, share?: number) => void;

/** What paints for the page: a server, or this browser itself. */
export interface Backend {
  /** Where it paints, in words. */
  readonly place: string;
  /** @throws KeyNeededError, PageError */
  models: (report: LoadingReport) => Promise<readonly ModelFacts[]>;
  /**
   * Paints an order; when the signal is aborted it stops within one step.
   * @throws KeyNeededError, PageError; the signal's reason
   */
  paint: (order: PaintOrder, events: PaintEvents, signal: AbortSignal) => Promise<void>;
  /** The settings text inside a JPEG or WebP file, where the backend can read them; the page itself reads PNG. */
  readonly settingsText?: (file: Blob) => Promise<string>;
  /** @throws KeyNeededError, PageError */
  explain: (order: PaintOrder) => Promise<Explanation>;
}
