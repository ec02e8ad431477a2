export { isStudioBuilt, studioPage } from './studio-page.js';
