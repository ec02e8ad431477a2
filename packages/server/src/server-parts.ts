import type { Studio } from './painting/studio.js';
import type { ServerLimits } from './server-limits.js';

/** What the routes work with. */
export interface ServerParts {
  readonly studio: Studio;
  readonly limits: ServerLimits;
}
