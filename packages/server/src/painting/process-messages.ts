import { jsonText, LascauxError, type ErrorKind } from '@lascaux/nn';
import type { CallExplanation, LoadOptions } from '@lascaux/pipeline';
import type { PaintedImage, PaintProgress, PaintRequest } from './painter.js';

/** How the model of a painting process is loaded: what can be handed to a process. */
export type PainterOptions = Pick<LoadOptions, 'device' | 'vae' | 'previewVae'>;

/** What a painting process is told. */
export type PaintTask =
  | { readonly kind: 'open'; readonly folder: string; readonly options: PainterOptions }
  | { readonly kind: 'paint'; readonly id: number; readonly request: PaintRequest; readonly previews: number }
  | { readonly kind: 'explain'; readonly id: number; readonly request: PaintRequest }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' };

/** What it answers. */
export type PaintAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly error: PackedError }
  | { readonly kind: 'step'; readonly id: number; readonly progress: PaintProgress }
  | { readonly kind: 'painted'; readonly id: number; readonly painted: PaintedImage }
  | { readonly kind: 'explained'; readonly id: number; readonly explanation: CallExplanation }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PackedError };

/** An error as plain data: its class is lost between processes. */
export interface PackedError {
  readonly operation: string;
  readonly option?: string;
  readonly rule: string;
  readonly value?: string | number | boolean;
  readonly accepted?: string | readonly string[];
  readonly kind: ErrorKind;
}

/** An error for the way to another process. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof LascauxError))
    return { operation: 'paint', rule: error instanceof Error ? error.message : String(error), kind: 'failure' };
  const { operation, option, rule, value, accepted, kind } = error;
  return { operation, option, rule, value: plain(value), accepted, kind };
}

function plain(value: unknown): PackedError['value'] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === undefined ? undefined : jsonText(value);
}

/** The same error on the other side. */
export const unpackError = (error: PackedError): LascauxError => new LascauxError(error);
