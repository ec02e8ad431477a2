export { openPth, readPth } from './open-pth.js';
