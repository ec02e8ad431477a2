import { parseArgs, type ParseArgsConfig } from 'node:util';
import { LascauxError } from '@lascaux/nn';

/**
 * The values of a command's options.
 * @param operation names the command in errors
 * @throws {LascauxError} (usage) for an option that is unknown or lacks its value
 */
export function parsedOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  operation: string,
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options }>>['values'] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new LascauxError({ operation, rule: (cause as Error).message, kind: 'usage', cause });
  }
}
