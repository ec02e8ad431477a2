// What models are called and recommend for themselves: as much as a help text and a check of names need.
export { BUNDLED_MODEL, bundledModelFolder } from './folder/find-model.js';
export { parseModelIndex, type ModelIndex, type Recommendation } from './folder/model-index.js';
export { SETTING_RANGES } from './folder/setting-ranges.js';
export { looksLikeRepositoryId, parseRepositoryId } from './hub/repository-id.js';
