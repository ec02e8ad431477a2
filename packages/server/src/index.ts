export { createServer, type LascauxServer, type ListenOptions, type ServerOptions } from './create-server.js';
export { serveMcp, type McpOptions } from './mcp/serve-stdio.js';
export type { PaintServiceOptions } from './open-paint-service.js';
export { LOG_LEVELS, type LogOptions } from './operations/log.js';
export { FairQueue } from './painting/fair-queue.js';
export {
  QueueFullError,
  type PaintQueue,
  type PlaceWork,
  type QueueLoad,
  type QueueTicket,
} from './painting/paint-queue.js';
export type { PainterOptions } from './painting/process-messages.js';
export { describeModel, type ServedModel } from './painting/served-model.js';
export { DEFAULT_LIMITS, type ServerLimits } from './server-limits.js';
