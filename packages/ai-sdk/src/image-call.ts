import type { ImageModelV4CallOptions, ImageModelV4File } from '@ai-sdk/provider';
import { LascauxError } from '@lascaux/nn';
import { GENERATE_OPTIONS, type GenerateOptions, type PictureSize } from '@lascaux/pipeline/options';
import { z } from 'zod';

const { negativePrompt, steps, guidanceScale, sampler, strength } = GENERATE_OPTIONS;

/** What goes into `providerOptions.lascaux`; `strength` says how much of the first file is repainted. */
export type LascauxImageOptions = Pick<
  GenerateOptions,
  'negativePrompt' | 'steps' | 'guidanceScale' | 'sampler' | 'strength'
>;

/** The same as a schema. */
export const lascauxImageOptions: z.ZodType<LascauxImageOptions> = z.strictObject({
  negativePrompt: negativePrompt.schema.optional(),
  steps: steps.schema.optional(),
  guidanceScale: guidanceScale.schema.optional(),
  sampler: sampler.schema.optional(),
  strength: strength.schema.optional(),
});

/** A call of the AI SDK, as both ways of painting understand it. */
export interface ImageCall {
  readonly prompt: string;
  readonly count: number;
  readonly size: PictureSize | undefined;
  readonly seed: number | undefined;
  readonly options: LascauxImageOptions;
  /** Bytes of the image to start from, and of its mask: transparent where it is repainted. */
  readonly image: Uint8Array | undefined;
  readonly mask: Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Painted images as files, and their seeds. */
export interface PaintedFiles {
  readonly files: (string | Uint8Array)[];
  readonly seeds: readonly number[];
  readonly headers?: Record<string, string>;
}

/** Paints what a call asks for. */
export type PaintCall = (call: ImageCall) => Promise<PaintedFiles>;

/**
 * Reads a call.
 * @throws LascauxError (usage) for options that there are not, and a file that is only an address
 */
export function imageCallOf(given: ImageModelV4CallOptions): ImageCall {
  const parsed = lascauxImageOptions.safeParse(given.providerOptions.lascaux ?? {});
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new LascauxError({ option: ['providerOptions.lascaux', ...path].join('.'), rule: message, kind: 'usage' });
  }
  const [width = 0, height = 0] = given.size?.split('x').map(Number) ?? [];
  return {
    prompt: given.prompt ?? '',
    count: given.n,
    size: given.size === undefined ? undefined : { width, height },
    seed: given.seed,
    options: parsed.data,
    image: given.files?.[0] && bytesOf(given.files[0], 'files'),
    mask: given.mask && bytesOf(given.mask, 'mask'),
    signal: given.abortSignal,
    headers: given.headers ?? {},
  };
}

function bytesOf(file: ImageModelV4File, option: string): Uint8Array {
  if (file.type === 'url')
    throw new LascauxError({
      option,
      rule: 'must be bytes, or base64: no address is fetched',
      value: file.url,
      kind: 'usage',
    });
  return typeof file.data === 'string' ? new Uint8Array(Buffer.from(file.data, 'base64')) : file.data;
}
