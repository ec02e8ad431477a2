import type { Explanation, ModelFacts, PaintOrder, Painted, Preview } from '../backend/backend.js';

/** What the painting worker is told. */
export type Task =
  | { readonly kind: 'open'; readonly manifest: string; readonly mayUseGpu: boolean }
  | { readonly kind: 'paint'; readonly id: number; readonly order: PaintOrder }
  | { readonly kind: 'explain'; readonly id: number; readonly order: PaintOrder }
  | { readonly kind: 'cancel'; readonly id: number };

/** What it answers. */
export type Answer =
  | { readonly kind: 'opened'; readonly models: readonly ModelFacts[] }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'loading'; readonly text: string; readonly share?: number }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'preview'; readonly id: number; readonly preview: Preview }
  | { readonly kind: 'image'; readonly id: number; readonly painted: Painted }
  | { readonly kind: 'note'; readonly id: number; readonly note: string }
  | { readonly kind: 'explained'; readonly id: number; readonly explanation: Explanation }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
