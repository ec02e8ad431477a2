import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledModelFolder, parseModelIndex } from '@lascaux/models/naming';
import { samplerNameOf, type GenerateDefaults } from '@lascaux/pipeline/options';

/**
 * What the bundled model recommends for itself, for a help text: read at once, since commander writes help synchronously.
 * @returns nothing where the model is not here or cannot be read; painting says why
 */
export function bundledSettings(): Partial<GenerateDefaults> {
  const folder = bundledModelFolder();
  if (folder === undefined) return {};
  const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  try {
    const { steps, guidance, size, scheduler } = parseModelIndex(read('model_index.json')).recommendation;
    const sampler = scheduler ?? samplerNameOf(read('scheduler', 'scheduler_config.json') as Record<string, unknown>);
    const [width, height] = typeof size === 'number' ? [size, size] : (size ?? []);
    return { steps, guidanceScale: guidance, sampler, width, height };
  } catch {
    return {};
  }
}
