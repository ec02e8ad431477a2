import { VERSION } from '@lascaux/nn';
import { formatParameters } from '../image/parameters-text.js';
import { generateOptions } from './generate-option-table.js';
import type { ResolvedOptions } from './generate-options.js';

type Parameter = readonly [name: string, value: string | number | undefined];

/** The settings of one image as the text that goes into its file, with AUTOMATIC1111's names in its order. */
export function settingsText(
  options: ResolvedOptions,
  image: { seed: number; model: string; vae?: string; loras?: string },
): string {
  const written: ResolvedOptions & Readonly<Record<string, unknown>> = { ...options, seed: image.seed };
  const parameters = generateOptions.flatMap(([name, row]): readonly Parameter[] => {
    const value = written[name];
    if (row.parameter === undefined || value === undefined) return [];
    const { parameterValue = (given: unknown) => (given === row.default ? undefined : given) } = row;
    return [[row.parameter, parameterValue(value as never, written) as Parameter[1]]];
  });
  const behindSize = parameters.findIndex(([name]) => name === 'Size') + 1;
  return formatParameters({
    prompt: options.prompt,
    negativePrompt: options.negativePrompt,
    values: Object.fromEntries([
      ...parameters.slice(0, behindSize),
      ['Model', image.model],
      ['VAE', image.vae],
      ['Lora', image.loras],
      ...parameters.slice(behindSize),
      ['RNG', 'Lascaux'],
      ['Version', `lascaux ${VERSION}`],
    ]),
  });
}
