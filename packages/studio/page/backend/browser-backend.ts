import type { Backend } from './backend.js';
import { PageError } from './errors.js';

/** Painting in this browser, with a model that lies beside the page. */
export function browserBackend(_manifest: URL): Backend {
  const missing = (): Promise<never> => Promise.reject(new PageError('not there yet'));
  return { place: 'in this browser', models: missing, paint: missing, explain: missing };
}
