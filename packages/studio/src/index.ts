export type { ManifestFile, ManifestModel, StaticManifest } from './static-manifest.js';
export { isStudioBuilt, studioPage } from './studio-page.js';
export { writeStaticStudio, type StaticStudio, type StaticStudioOptions } from './write-static-studio.js';
