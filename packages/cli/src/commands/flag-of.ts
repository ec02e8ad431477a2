import { LascauxError, shellCommand } from '@lascaux/nn';

/** Options whose flags have other names. */
const FLAGS: Readonly<Record<string, string>> = {
  guidanceScale: '--guidance',
  negativePrompt: '--negative',
  cropTopLeft: '--crop',
  sampler: '--scheduler',
  dimensions: '--dims',
  minimum: '--min',
};

/** What else can be done about a wrong value. */
const ADVICE: Readonly<Record<string, string>> = {
  cache: '--no-cache keeps no features',
  skipBad: '--skip-bad leaves them out',
};

/** The flag of an option of a library's call: `clipSkip` → `--clip-skip`. */
export const flagOf = (option: string): string =>
  FLAGS[option] ?? `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The commands that do what calls of the library do. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  convertModel: ['convert'],
  trainVae: ['train', 'vae'],
  trainTextEncoder: ['train', 'text-encoder'],
  trainDenoiser: ['train', 'denoiser'],
};

/** What a call takes that a command line cannot leave out, though an error does not name it. */
const REQUIRED: Readonly<Record<string, string>> = { train: '--data DIR' };

/** The command for a call that mends something. */
export function commandOf({ call, options, command }: NonNullable<LascauxError['remedy']>): string {
  if (command !== undefined) return command;
  const [name = call, ...rest] = COMMANDS[call] ?? [];
  const { model, ...flags } = options;
  const flagged = Object.entries(flags).flatMap(([option, value]) =>
    value === true ? [flagOf(option)] : [flagOf(option), String(value)],
  );
  const required = REQUIRED[name]?.split(' ') ?? [];
  const words = ['npx', 'lascaux', name, ...rest, ...(typeof model === 'string' ? [model] : []), ...required];
  return shellCommand([...words, ...flagged]);
}

/** The error in the words of a command line: the flag where the library names an option, the command where it names a call. */
export function withFlag(error: LascauxError): LascauxError {
  const { option, rule, value, accepted, kind, remedy } = error;
  if (option === undefined && remedy === undefined) return error;
  const advice = option === undefined ? undefined : ADVICE[option];
  const told = remedy === undefined ? rule : `${rule}: ${commandOf(remedy)}`;
  return new LascauxError({
    operation: option === undefined ? error.operation : flagOf(option),
    rule: advice === undefined ? told : `${told}; ${advice}`,
    value,
    accepted,
    kind,
    cause: error.cause,
  });
}
