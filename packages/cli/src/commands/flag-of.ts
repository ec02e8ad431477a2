import { LascauxError } from '@lascaux/nn';

/** Options whose flags have other names. */
const FLAGS: Readonly<Record<string, string>> = {
  guidanceScale: '--guidance',
  negativePrompt: '--negative',
  cropTopLeft: '--crop',
  sampler: '--scheduler',
};

/** What else can be done about a wrong value. */
const ADVICE: Readonly<Record<string, string>> = { cache: '--no-cache keeps no features' };

/** The flag of an option of a library's call: `clipSkip` → `--clip-skip`. */
export const flagOf = (option: string): string =>
  FLAGS[option] ?? `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The error with the flag where the library names an option; any other as it is. */
export function withFlag(error: LascauxError): LascauxError {
  const { option, rule, value, accepted, kind } = error;
  if (option === undefined) return error;
  const advice = ADVICE[option];
  return new LascauxError({
    operation: flagOf(option),
    rule: advice === undefined ? rule : `${rule}; ${advice}`,
    value,
    accepted,
    kind,
    cause: error.cause,
  });
}
