import type { ImageStore } from './http/image-store.js';
import type { RunningRequests } from './http/running-requests.js';
import type { PaintService } from './painting/paint-service.js';
import type { ServerLimits } from './server-limits.js';

/** What the routes work with. */
export interface ServerParts {
  readonly service: PaintService;
  readonly limits: ServerLimits;
  readonly running: RunningRequests;
  /** Images that were asked for as an address. */
  readonly store: ImageStore;
  /** The address under which clients know this server; default: the one that a request was sent to. */
  readonly publicUrl?: string;
}
