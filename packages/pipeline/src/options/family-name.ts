/** The families of models, by what they are called in messages; what each does is in `family/`. */
export type FamilyName = 'Stable Diffusion' | 'Stable Diffusion XL' | 'Stable Diffusion 3' | 'Flux' | 'PixArt';
