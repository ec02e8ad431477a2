export { classificationAccuracy, argmax, type Accuracy } from './accuracy.js';
export {
  cachedFeatures,
  type CachedFeaturesOptions,
  type ExtractionProgress,
  type FeatureBatch,
  type PictureSource,
} from './cached-features.js';
export { clipMmd } from './clip-mmd.js';
export { clipScore, retrievalAccuracy, type ClipScore, type RetrievalAccuracy } from './clip-score.js';
export {
  extractFeatures,
  extractMoments,
  type ExtractionStages,
  type ImageFeatureExtractor,
  type OnProgress,
  type RgbBatch,
} from './feature-extractor.js';
export { featureMatrix, featureMatrixFromRows, sliceRows, takeRows, type FeatureMatrix } from './feature-matrix.js';
export { contentKey, openFeatureCache, type FeatureCache } from './files/feature-cache.js';
export { decodeNpy, encodeNpy, type NpyArray } from './files/npy.js';
export { decodeNpz, encodeNpz } from './files/npz.js';
export { readFeatures, readMoments, writeFeatures, writeMoments } from './files/statistics.js';
export { frechetDistance, frechetDistanceOfMoments } from './frechet.js';
export { openImageModel, type ImageModelOptions } from './image-model.js';
export { inceptionScore, type InceptionScore } from './inception-score.js';
export { openInception, type InceptionOptions } from './inception/extractor.js';
export {
  inceptionGraph,
  inceptionLayers,
  type FoldedLayer,
  type InceptionDimensions,
  type InceptionLayer,
} from './inception/graph.js';
export { fidConventions, INCEPTION_SIZE, preprocessForInception, type FidConvention } from './inception/preprocess.js';
export { dimensionsOfWeights, foldedLayer, readInceptionWeights, type WeightTensors } from './inception/weights.js';
export { kernelInceptionDistance, type KernelInceptionDistance } from './kernel-inception-distance.js';
export type { SubsetPair } from './kernel-sums.js';
export {
  diagonalGaussianKl,
  diagonalGaussianNegativeLogDensity,
  type DiagonalGaussians,
} from './likelihood/diagonal-gaussian.js';
export {
  gaussianKl,
  gaussianLogDensity,
  scalarGaussianKl,
  standardGaussian,
  type Gaussian,
} from './likelihood/gaussian.js';
export { bitsPerDimension, importanceWeightedBound } from './likelihood/importance-weighted-bound.js';
export {
  exactElbo,
  exactLogLikelihood,
  exactPosterior,
  sampledBounds,
  type EvidenceLowerBound,
  type LinearGaussianModel,
  type SampledBounds,
} from './likelihood/linear-gaussian.js';
export { symmetricEigenvalues } from './linear-algebra/eigenvalues.js';
export { polynomialMmd2, type MmdEstimator, type PolynomialKernel } from './maximum-mean-discrepancy.js';
export { createMomentsAccumulator, momentsOf, type FeatureMoments, type MomentsAccumulator } from './moments.js';
export type { ManifoldOptions, ManifoldPair } from './manifolds.js';
export { precisionRecall, type DensityCoverage, type PrecisionRecall } from './precision-recall.js';
export { meanPsnr, meanSquaredError, psnr } from './psnr.js';
export { numpyRandomState, type NumpyRandomState } from './random-state.js';
export type { AxisScale } from './report/axis.js';
export type { Chart, ChartSeries } from './report/chart.js';
export { distancesWithin, nearestPictures, type NearestPicture } from './report/extremes.js';
export { numberText } from './report/number-text.js';
export { principalPlane, type PlaneRows, type PrincipalPlane } from './report/principal-plane.js';
export { renderReport } from './report/render.js';
export type {
  PictureCard,
  PictureGroup,
  ReportContent,
  ReportNumber,
  ReportPage,
  ReportPicture,
  ReportSection,
} from './report/report-page.js';
export { covarianceSpectrum } from './report/spectrum.js';
export {
  antialiasedBicubic,
  tensorflowBilinear,
  torchBilinear,
  type AxisFilter,
  type AxisFilterRule,
} from './resize/axis-filter.js';
export { resizePicture, type RgbPicture } from './resize/resize.js';
