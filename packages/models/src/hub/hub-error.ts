import { LascauxError } from '@lascaux/nn';
import type { HubSettings } from './hub-settings.js';

/** The hub could not be asked now: no connection, or it failed each time. A complete copy in the cache may serve instead. */
export class HubUnavailable extends LascauxError {}

/** What an error is about. */
interface Circumstances {
  readonly settings: Pick<HubSettings, 'endpoint' | 'token'>;
  /** `owner/name` or `owner/name@revision`. */
  readonly repository: string;
}

/**
 * A refusal as one line that says what to do. Without a token the hub answers 401 for gated, private and missing
 * repositories alike; its header `X-Error-Code` tells them apart where it may.
 */
export function refusal(response: Response, { settings, repository }: Circumstances): LascauxError {
  const { status, headers } = response;
  const page = `${settings.endpoint}/${repository.split('@', 1)[0]!}`;
  const code = headers.get('x-error-code');
  const failure = (rule: string) => new LascauxError({ operation: repository, rule, value: status });
  if (headers.get('x-error-message')?.startsWith('Invalid credentials') === true)
    return failure(`${settings.endpoint} does not know this token; make one at ${settings.endpoint}/settings/tokens`);
  if (code === 'GatedRepo') {
    const needs = settings.token === undefined ? 'needs a token (HF_TOKEN) and' : 'needs';
    return failure(`the model is gated: it ${needs} accepting its licence at ${page}`);
  }
  if (code === 'RevisionNotFound') return failure(`no such revision of the repository ${page}`);
  if (code === 'EntryNotFound') return failure(`the file is not in the repository: ${response.url}`);
  if (status === 404 || code === 'RepoNotFound' || status === 401) {
    const hidden = settings.token === undefined ? ', or it is private and needs a token (HF_TOKEN)' : '';
    return failure(`no such repository or revision on ${settings.endpoint}${hidden}`);
  }
  if (status === 403) return failure(`the token gives no access to it; its licence may have to be accepted at ${page}`);
  if (status === 429) return failure(`${settings.endpoint} is asked too often`);
  return failure(`${settings.endpoint} ${status >= 500 ? 'fails' : 'refuses it'}${reasonOf(headers)}`);
}

const reasonOf = (headers: Headers): string => {
  const message = headers.get('x-error-message');
  return message === null ? '' : ` (${message})`;
};

/** A failure of the connection as one line. */
export function unreachable(error: unknown, { settings, repository }: Circumstances): HubUnavailable {
  return new HubUnavailable({
    operation: repository,
    rule: `${settings.endpoint} cannot be reached: ${causeOf(error)}`,
    cause: error,
  });
}

/** The innermost reason: fetch's own message is only "fetch failed". */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error.cause === undefined ? error.message || error.name : causeOf(error.cause);
}
