import { isPng, parseParameters, readPngTexts, settingsIn, type ImageSettings } from '@lascaux/pipeline/settings';
import { PageError } from '../backend/errors.js';
import { backend } from '../state/session.js';
import { notes } from '../state/painting.js';
import { change, models, settings, type Settings } from '../state/settings.js';

/**
 * Takes over the settings in a picture of ours, AUTOMATIC1111's or another program's: a PNG, and where a server reads it also JPEG and WebP.
 * @throws PageError where there are none
 */
export async function readDropped(file: File): Promise<void> {
  const found = await settingsOfFile(file);
  if (found === undefined) throw new PageError(`${file.name}: there are no settings in it`);
  change({ ...settingsOf(found), isSeedLocked: true });
  notes.value = [`settings of ${file.name}`, ...leftOut(found)];
}

async function settingsOfFile(file: File): Promise<ImageSettings | undefined> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isPng(bytes)) return settingsIn(readPngTexts(bytes));
  if (backend.settingsText === undefined) throw new PageError(`${file.name}: settings are read from PNG files here`);
  const text = await backend.settingsText(file);
  return text === '' ? undefined : parseParameters(text);
}

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A text as a number from `minimum` on; undefined for any other. */
function numberOf(text: string | undefined, minimum: number): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) || value < minimum || value > LARGEST ? undefined : value;
}

/** The settings that the page has, as far as a picture names them. */
export function settingsOf({ prompt, negativePrompt, values }: ImageSettings): Partial<Settings> {
  const model = models.value.find(({ id }) => id === values.Model);
  const found: Partial<Settings> = {
    prompt,
    negativePrompt,
    model: model?.id,
    seed: numberOf(values.Seed, 0),
    steps: numberOf(values.Steps, 1),
    guidanceScale: numberOf(values['CFG scale'], 0),
    sampler: samplerOf(values.Sampler, values['Schedule type']),
    width: numberOf(values['Size-1'] ?? values.Size?.split('x')[0], 1),
    height: numberOf(values['Size-2'] ?? values.Size?.split('x')[1], 1),
    strength: numberOf(values['Denoising strength'], 0.01),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** AUTOMATIC1111's names as ours have them: `DPM++ 2M Karras` → `dpm++-2m-karras`, `Euler a` → `euler-ancestral`. */
function samplerOf(name: string | undefined, spacing = ''): string | undefined {
  if (name === undefined) return undefined;
  const suffix = /^(?:karras|exponential|beta)$/i.test(spacing) ? ` ${spacing}` : '';
  const written = `${name}${suffix}`.toLowerCase().trim().replaceAll(/\s+/g, '-');
  const meant = written === 'euler-a' ? 'euler-ancestral' : written === 'plms' ? 'pndm' : written;
  return models.value.some(({ samplers }) => samplers.includes(meant)) ? meant : undefined;
}

/** What of a picture's settings could not be taken over. */
function leftOut({ values }: ImageSettings): readonly string[] {
  const isUnknownModel = values.Model !== undefined && !models.value.some(({ id }) => id === values.Model);
  const isUnknownSampler =
    values.Sampler !== undefined && samplerOf(values.Sampler, values['Schedule type']) === undefined;
  return [
    ...(isUnknownModel ? [`it was painted by ${values.Model}, which is not here: ${settings.value.model} paints`] : []),
    ...(isUnknownSampler ? [`its sampler is not known here: ${values.Sampler}`] : []),
  ];
}
