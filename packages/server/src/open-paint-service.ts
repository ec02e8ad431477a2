import { totalmem } from 'node:os';
import { FairQueue } from './painting/fair-queue.js';
import { ModelPool } from './painting/model-pool.js';
import type { PaintQueue } from './painting/paint-queue.js';
import type { PainterOptions } from './painting/process-messages.js';
import { openProcessPainter } from './painting/process-painter.js';
import type { ServedModel } from './painting/served-model.js';
import { PaintService, type PaintServiceParts } from './painting/paint-service.js';
import { DEFAULT_LIMITS, type ServerLimits } from './server-limits.js';

/** What paints, however it is asked. */
export interface PaintServiceOptions extends PainterOptions {
  /** The models to offer, from {@link describeModel}; the first is taken where a request names none. */
  readonly models: readonly ServedModel[];
  readonly limits?: Partial<ServerLimits>;
  /** Where requests wait; default: a {@link FairQueue} of 64 places. */
  readonly queue?: PaintQueue;
  /** Bytes that loaded models may take together; default: 70 % of the memory there is. */
  readonly memory?: number;
}

const SHARE_OF_MEMORY = 0.7;

/** The memory of this machine, or of the container. */
function memoryThereIs(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** A service that paints with models, which are loaded when they are asked for first. */
export function openPaintService(
  { models, queue = new FairQueue(), memory = SHARE_OF_MEMORY * memoryThereIs(), ...options }: PaintServiceOptions,
  onEnd?: PaintServiceParts['onEnd'],
): { service: PaintService; limits: ServerLimits } {
  const { device, vae, previewVae } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const open = ({ folder }: ServedModel) => openProcessPainter(folder, { device, vae, previewVae });
  const pool = new ModelPool({ models, memory, open });
  return { limits, service: new PaintService({ pool, queue, seconds: limits.seconds, onEnd }) };
}
