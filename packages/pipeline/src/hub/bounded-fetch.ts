import { check } from '@lascaux/nn';
import type { HubClient } from './hub-fetch.js';

/** All answers about one repository: 100,000 entries of 300 bytes. */
const MOST_BYTES = 32 * 2 ** 20;
/** Pages of a list, of 1,000 entries each where they are many. */
const MOST_PAGES = 1000;

/**
 * A `fetch` for what is read whole: it counts the pages, and the bytes once they are unpacked.
 * @returns a function whose answers are in memory
 * @throws LascauxError when they would not end
 */
export function boundedFetch({ fetch: fetchOne, repository, settings }: HubClient): typeof fetch {
  let [pages, bytes] = [0, 0];
  const refusal = { operation: repository, rule: `${settings.endpoint} answers without an end` };
  return async (input, init) => {
    check(++pages <= MOST_PAGES, { ...refusal, value: `more than ${MOST_PAGES} pages` });
    const response = await fetchOne(input, init);
    const pieces: Uint8Array[] = [];
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      check(bytes <= MOST_BYTES, { ...refusal, value: `more than ${MOST_BYTES / 2 ** 20} MB` });
      pieces.push(piece);
    }
    return new Response(Buffer.concat(pieces), { status: response.status, headers: response.headers });
  };
}
