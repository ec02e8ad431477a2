export { classificationAccuracy, argmax, type Accuracy } from './accuracy.js';
export { clipScore, retrievalAccuracy, type ClipScore, type RetrievalAccuracy } from './clip-score.js';
export {
  extractFeatures,
  extractMoments,
  type ImageBatch,
  type ImageFeatureExtractor,
  type OnProgress,
} from './feature-extractor.js';
export { featureMatrix, featureMatrixFromRows, sliceRows, takeRows, type FeatureMatrix } from './feature-matrix.js';
export { frechetDistance, frechetDistanceOfMoments } from './frechet.js';
export { symmetricEigenvalues } from './linear-algebra/eigenvalues.js';
export { createMomentsAccumulator, momentsOf, type FeatureMoments, type MomentsAccumulator } from './moments.js';
export { meanPsnr, meanSquaredError, psnr } from './psnr.js';
