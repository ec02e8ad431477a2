import type { TrainingProgress } from '@lascaux/training';

/** Options of a stage of the painter's training. */
export interface StageOptions {
  /** Folder of the run folders. */
  readonly runs: string;
  /** Folder of the atlas. */
  readonly data: string;
  /** Images, or captions, to see before the stage ends. */
  readonly images: number;
  readonly threads: number;
  /** Threads that share each batch, one a core; fixed for a run. */
  readonly replicas: number;
  /** Scenes whose latents the denoiser is trained on. */
  readonly latents: number;
  /** Go on from what the repository keeps of this stage, at the images that it had seen; default false. */
  readonly continued?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** The callbacks of a stage as trainings take them: those that were given. */
export const callbacksOf = ({ signal, onProgress }: StageOptions): Pick<StageOptions, 'signal' | 'onProgress'> => ({
  ...(signal === undefined ? {} : { signal }),
  ...(onProgress === undefined ? {} : { onProgress }),
});
