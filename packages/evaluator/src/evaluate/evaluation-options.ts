import type { ImageSet } from '@lascaux/data';
import type { ResolveOptions } from '@lascaux/models';
import type { ExtractionProgress, FeatureMatrix, FidConvention, RgbPicture } from '../index.js';
import type { AlphaRule } from './decode-picture.js';

/**
 * A set to judge: the path of a folder (imagefolder), of WebDataset archives (`name-{000..012}.tar`), of sprites (a `.png`, each line of pixels an
 * image), of features (`.npy`) or statistics (`.npz`); an opened set; decoded images; or features, a row each.
 */
export type EvaluationSet = string | ImageSet | readonly RgbPicture[] | FeatureMatrix;

/** How far an evaluation is. */
export interface EvaluationProgress {
  readonly what: 'bytes of weights' | 'images';
  /** The set whose images they are. */
  readonly set?: string;
  readonly done: number;
  readonly total: number;
}

/** What is worth knowing while an evaluation runs. */
export type EvaluationNotice =
  /** Images were found; `captions` says whether these count. */
  | { readonly kind: 'found'; readonly path: string; readonly set: ImageSet; readonly captions: boolean }
  /** All images of a set were read. */
  | {
      readonly kind: 'read';
      readonly path: string;
      readonly milliseconds: number;
      readonly progress: ExtractionProgress;
    }
  /** Among the images decoded now, some have transparent parts. */
  | { readonly kind: 'transparent'; readonly path: string; readonly count: number; readonly alpha: AlphaRule }
  /** An image cannot be read. */
  | { readonly kind: 'bad'; readonly path: string; readonly name: string; readonly reason: string }
  /** Features are not kept any more. */
  | { readonly kind: 'cache'; readonly reason: string };

/** Options of every evaluation of images. */
export interface EvaluationOptions {
  /** Images at a time. Default 16. */
  readonly batchSize?: number;
  /** Execution provider of ONNX Runtime. Default `cpu`. */
  readonly device?: string;
  /** Threads of the network. Default: ONNX Runtime's choice. */
  readonly threads?: number;
  /** Folder where features are kept; false: none are. Default: in the user's cache folder (`LASCAUX_CACHE`). */
  readonly cache?: string | false;
  /** Fewest images a set may have. */
  readonly minimum?: number;
  /** Leave out images that cannot be read, instead of stopping. Default false. */
  readonly skipBad?: boolean;
  /** Transparency: `ignore` it as the Python tools do (default), or put `white` behind. */
  readonly alpha?: AlphaRule;
  /** The images in a folder are sprites. Default false. */
  readonly sprites?: boolean;
  /** Split of a folder that has `train/`, `test/` … */
  readonly split?: string;
  /** Keep features, names and images of the sets in the result, for a report. Default false. */
  readonly keepFeatures?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  readonly onNotice?: (notice: EvaluationNotice) => void;
}

/** Which CLIP. */
export interface ClipModelOptions {
  /** Model folder, or one of the hub, with `image_encoder/`. Default: the bundled one. */
  readonly model?: string;
  /** How a model of the hub is found or downloaded. */
  readonly hub?: Omit<ResolveOptions, 'option' | 'signal' | 'also'>;
}

/** Which network makes the features that are compared. */
export interface FeatureOptions extends EvaluationOptions, ClipModelOptions {
  /** Default `inception`. */
  readonly features?: 'inception' | 'clip';
  /** Inception weights, `.pth` or `.safetensors`. Default: pytorch-fid's, downloaded once (95 MB). */
  readonly weights?: string;
  /** Of the Inception features; 1008 are the logits. Default 2048. */
  readonly dimensions?: 64 | 192 | 768 | 2048 | 1008;
  /** Whose resize and normalisation. Default `pytorch-fid`. */
  readonly convention?: FidConvention;
}

/** The two sets of a comparison. */
export interface SetPair {
  readonly generated: EvaluationSet;
  readonly real: EvaluationSet;
}
