export {
  ONNX_MODEL,
  ONNX_NEEDED,
  WEIGHTS_MODEL,
  emptyFolder,
  filesBelow,
  graphFile,
  hubAndCache,
  lengthOf,
} from './hub-fixture.js';
export { COMMIT, cutAfter, gitHash, refuse, sha256, type ServedFile } from './hub-server.js';
