/** What every figure is made from. */
export interface FigureOptions {
  /** A model folder in the Stable Diffusion layout. */
  readonly model: string;
  /** Scenes with the splits `train` and `test`. */
  readonly data: string;
  /** How many scenes, pictures or runs; each figure has a default of its own. */
  readonly count?: number | undefined;
  readonly seed: number;
  /** Called with how much is done, and of how much. */
  readonly onProgress?: (done: number, total: number) => void;
}
