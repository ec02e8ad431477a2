import { LascauxError, VERSION } from '@lascaux/nn';
import { HubUnavailable, refusal, unreachable } from './hub-error.js';
import type { HubSettings } from './hub-settings.js';
import { backOff, mayPass, pause, requestedWait } from './retry.js';
import { secureFetch } from './secure-fetch.js';

/** Makes requests about one repository. */
export interface HubClient {
  readonly settings: HubSettings;
  /** `owner/name@revision`, for errors. */
  readonly repository: string;
  /**
   * `fetch` whose answer is always good (2xx): failures that may pass are waited out, all others thrown as one line.
   * The token goes to the hub's own origin alone, and nothing goes from https to http: see {@link secureFetch}.
   */
  readonly fetch: typeof fetch;
}

/** How a request ended. */
interface Outcome {
  readonly response?: Response;
  readonly error?: unknown;
}

/** Makes a client. */
export function hubClient(settings: HubSettings, repository: string): HubClient {
  const circumstances = { settings, repository };
  const { retry, signal } = settings;
  let hasAnswered = false;

  async function persistentFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    for (let failures = 1; ; failures++) {
      const { response, error } = await attempt(input, init);
      hasAnswered ||= response !== undefined;
      if (response?.ok) return response;
      const problem = response ? refusal(response, circumstances) : unreachable(error, circumstances);
      if (response && !mayPass(response.status)) throw problem;
      const wait = response && requestedWait(response.headers);
      if (wait !== undefined && wait > retry.longestWait) throw tooLong(wait, repository);
      const isHopeless = !hasAnswered && isNobodyThere(error);
      if (failures >= retry.attempts || isHopeless) throw asUnavailable(problem, failures);
      await pause(wait ?? backOff(failures, retry), signal);
    }
  }

  /** One request: the answer's head, or what went wrong with the connection. */
  async function attempt(input: string | URL | Request, init: RequestInit): Promise<Outcome> {
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort(new Error(`no answer within ${Math.round(retry.silence / 1000)} s`));
    }, retry.silence);
    const signals = [silence.signal, signal, init.signal].filter((entry) => entry != null);
    try {
      const url = input instanceof Request ? input.url : String(input);
      const headers = headersFor(url, init);
      const request = { ...init, headers, signal: AbortSignal.any(signals) };
      const response = await secureFetch(url, request, settings.endpoint);
      if (!response.ok) await response.body?.cancel();
      return { response };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LascauxError) throw error;
      return { error };
    } finally {
      clearTimeout(timer);
    }
  }

  function headersFor(url: string, init: RequestInit): Headers {
    const headers = new Headers(init.headers);
    headers.set('user-agent', `lascaux/${VERSION}; node/${process.versions.node}`);
    const own = new URL(url).origin === new URL(settings.endpoint).origin;
    if (own && settings.token !== undefined) headers.set('authorization', `Bearer ${settings.token}`);
    return headers;
  }

  return { ...circumstances, fetch: persistentFetch };
}

/**
 * Whether a connection failed as it does without a network. A hub that has answered before will come back; one that never did is not waited
 * for, since the name may just be a mistyped folder.
 */
function isNobodyThere(error: unknown): boolean {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: string } };
  return ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'].includes(cause?.code ?? '');
}

function tooLong(wait: number, repository: string): HubUnavailable {
  return new HubUnavailable({
    operation: repository,
    rule: 'the hub is asked too often; it wants to be left alone for a while',
    value: `${Math.ceil(wait / 1000)} s`,
  });
}

function asUnavailable(problem: LascauxError, failures: number): HubUnavailable {
  const times = failures === 1 ? '' : ` (asked ${failures} times)`;
  return new HubUnavailable({
    operation: problem.operation,
    rule: `${problem.rule}${times}`,
    value: problem.value,
    cause: problem.cause ?? problem,
  });
}
