import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { check } from '@lascaux/nn';

/** Where the hub is and how it is talked to. What is not given is read from the variables of Python's huggingface_hub. */
export interface HubOptions {
  /** Use the cache only; else `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  /** Access token; else `HF_TOKEN`, else the file that `hf auth login` writes. */
  readonly token?: string;
  /** Base URL of the hub; else `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Folder of the cache; else `HF_HUB_CACHE`, else `HF_HOME/hub`, else ~/.cache/huggingface/hub. */
  readonly cacheFolder?: string;
  readonly retry?: Partial<RetryOptions>;
  readonly signal?: AbortSignal;
}

/** How often and how long failures that may pass are waited out. Times in milliseconds. */
export interface RetryOptions {
  /** Requests in a row that may fail before it is given up. */
  readonly attempts: number;
  /** Wait after the first failure; it doubles with each further one. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** A longer wait that the hub asks for (`Retry-After`) is not waited for. */
  readonly longestWait: number;
  /** Silence after which a connection counts as cut. */
  readonly silence: number;
}

/** {@link HubOptions} with everything filled in. */
export interface HubSettings {
  readonly offline: boolean;
  readonly token?: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly cacheFolder: string;
  readonly retry: RetryOptions;
  readonly signal?: AbortSignal;
}

const DEFAULT_RETRY: RetryOptions = {
  attempts: 5,
  firstDelay: 1_000,
  longestDelay: 8_000,
  // The hub counts requests in windows of five minutes.
  longestWait: 300_000,
  silence: 30_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Fills in the options from the environment; a variable that is set to nothing counts as not set.
 * @throws LascauxError (usage) when the endpoint is not a URL.
 */
export async function resolveHubSettings(
  options: HubOptions = {},
  variables: Environment = process.env,
): Promise<HubSettings> {
  const environment = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const home = withHome(environment.HF_HOME ?? join(environment.XDG_CACHE_HOME ?? join('~', '.cache'), 'huggingface'));
  const offline = environment.HF_HUB_OFFLINE ?? environment.TRANSFORMERS_OFFLINE ?? '';
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = environment;
  return {
    offline: options.offline ?? /^(1|on|yes|true)$/i.test(offline),
    token: options.token ?? (await findToken(environment, home)),
    endpoint: readEndpoint(options.endpoint ?? environment.HF_ENDPOINT ?? 'https://huggingface.co'),
    cacheFolder: resolve(withHome(options.cacheFolder ?? HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(home, 'hub'))),
    retry: { ...DEFAULT_RETRY, ...options.retry },
    signal: options.signal,
  };
}

async function findToken(environment: Environment, home: string): Promise<string | undefined> {
  const named = clean(environment.HF_TOKEN) ?? clean(environment.HUGGING_FACE_HUB_TOKEN);
  if (named !== undefined) return named;
  const file = withHome(environment.HF_TOKEN_PATH ?? join(home, 'token'));
  return clean(await readFile(file, 'utf8').catch(() => undefined));
}

function clean(token: string | undefined): string | undefined {
  const text = token?.replace(/[\r\n]/g, '').trim();
  return text === '' ? undefined : text;
}

function readEndpoint(endpoint: string): string {
  check(URL.canParse(endpoint) && /^https?:/i.test(endpoint), {
    operation: 'HF_ENDPOINT',
    rule: 'must be the http(s) address of a hub',
    value: endpoint,
    kind: 'usage',
  });
  return endpoint.replace(/\/+$/, '');
}

const withHome = (path: string): string => path.replace(/^~(?=$|[/\\])/, homedir());
