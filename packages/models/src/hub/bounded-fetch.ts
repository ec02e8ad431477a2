import { check, limits } from '@lascaux/nn';
import type { HubClient } from './hub-fetch.js';

/**
 * A `fetch` for what is read whole: it counts the pages, and the bytes once they are unpacked.
 * @returns a function whose answers are in memory
 * @throws LascauxError when they would not end
 */
export function boundedFetch({ fetch: fetchOne, repository, settings }: HubClient): typeof fetch {
  let [pages, bytes] = [0, 0];
  const refusal = { operation: repository, rule: `${settings.endpoint} answers without an end` };
  return async (input, init) => {
    check(++pages <= limits.hubPages, { ...refusal, value: `more than ${limits.hubPages} pages` });
    const response = await fetchOne(input, init);
    const pieces: Uint8Array[] = [];
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      check(bytes <= limits.hubAnswerBytes, { ...refusal, value: `more than ${limits.hubAnswerBytes / 2 ** 20} MB` });
      pieces.push(piece);
    }
    return new Response(Buffer.concat(pieces), { status: response.status, headers: response.headers });
  };
}
