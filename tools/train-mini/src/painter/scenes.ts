import { faintness, isHeldOut, thumbnails, type Atlas, type SceneShares, type SceneSource } from '@lascaux/scenes';

/** What the denoiser is shown. Things that are not alone are half as large, and easier, since their places lie on the latent's grid. */
const SHARES: SceneShares = { single: 0.6, count: 0.18, coloured: 0.25, white: 0.35 };

/** Of the scenes whose latents are kept. */
export const DENOISER_SEED = 3;

/** The scenes of the denoiser's training: nothing that is hardly seen, no combination that is kept for the judging. */
export function denoiserScenes(atlas: Atlas, seed: number): SceneSource {
  const isFaint = faintness(thumbnails(atlas));
  return {
    seed,
    count: atlas.emojis.length,
    shares: SHARES,
    // A shift of 6 pixels makes another latent of the same drawing: decision 0164.
    isSteady: true,
    refuses: (scene) => isFaint(scene) || isHeldOut(scene, atlas.emojis),
  };
}
