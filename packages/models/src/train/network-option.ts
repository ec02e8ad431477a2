import { LascauxError } from '@lascaux/nn';

type Keys = Readonly<Record<string, unknown>>;

/** What `networkOption` needs. */
export interface NetworkOption<Config extends object> {
  /** The option, e.g. `network`. */
  readonly key: string;
  /** Reads a whole config, strictly. */
  readonly parse: (json: unknown) => Config;
  /** The config whose values hold where nothing is given. */
  readonly base: Config;
  readonly given: Keys | undefined;
}

/**
 * A network's config: the given keys over a base. A given number of channels per block decides on the number of blocks: block types that
 * are not given are then repeated from the base.
 * @throws {LascauxError} naming the option and the key at fault
 */
export function networkOption<Config extends object>({ key, parse, base, given }: NetworkOption<Config>): Config {
  if (given === undefined) return base;
  try {
    return parse({ ...base, ...blockTypes(base as Keys, given), ...given });
  } catch (cause) {
    if (!(cause instanceof LascauxError)) throw cause;
    const { rule, value, accepted } = cause;
    throw new LascauxError({
      option: key,
      rule,
      value,
      ...(accepted === undefined ? {} : { accepted }),
      kind: 'usage',
      cause,
    });
  }
}

function blockTypes(base: Keys, { block_out_channels: channels }: Keys): Keys {
  if (!Array.isArray(channels)) return {};
  const typeKeys = ['down_block_types', 'up_block_types'].filter((key) => Array.isArray(base[key]));
  return Object.fromEntries(
    typeKeys.map((key) => {
      const types = base[key] as readonly string[];
      return [key, channels.map((_, i) => types[Math.min(i, types.length - 1)])];
    }),
  );
}
