import type { PictureSize } from '@lascaux/pipeline/options';
import type { PromptSyntax } from '@lascaux/text-encoder';

/** The flags of `generate`, already checked one by one. */
export interface GenerateFlags {
  readonly prompt: string;
  readonly out?: string;
  readonly model?: string;
  /** Folder of an autoencoder in place of the model's own. */
  readonly vae?: string;
  readonly negative?: string;
  /** -1 draws a seed. */
  readonly seed: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly guidanceRescale?: number;
  readonly clipSkip?: number;
  readonly promptSyntax?: PromptSyntax;
  /** For SDXL, which is told sizes. */
  readonly originalSize?: PictureSize;
  readonly crop?: { readonly left: number; readonly top: number };
  readonly targetSize?: PictureSize;
  readonly scheduler?: string;
  readonly width?: number;
  readonly height?: number;
  readonly count: number;
  readonly device: string;
  readonly image?: string;
  readonly strength?: number;
  readonly mask?: string;
  /** For a model of the hub: which weights. */
  readonly variant?: string;
  /** For a model of the hub: the cache alone. */
  readonly offline?: true;
  readonly json: boolean;
}
