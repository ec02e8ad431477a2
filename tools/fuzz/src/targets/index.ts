import { arrayTargets } from './arrays.js';
import { imageTargets } from './images.js';
import { modelTargets } from './models.js';
import { setTargets } from './sets.js';
import type { Target } from './target.js';
import { weightTargets } from './weights.js';

/** All formats that are read, by name. */
export const targets: Readonly<Record<string, Target>> = {
  ...weightTargets,
  ...arrayTargets,
  ...imageTargets,
  ...setTargets,
  ...modelTargets,
};

/** Those that start a runtime or write a model: tens of cases a second, not hundreds. */
export const slowTargets: ReadonlySet<string> = new Set(['convert', 'single-file', 'onnx', 'model-folder']);
