import { featureMatrix, requireFeatures, type FeatureMatrix } from '../feature-matrix.js';
import { symmetricEigenvalues } from '../linear-algebra/eigenvalues.js';
import { centre, momentsOf } from '../moments.js';
import { rowProducts } from '../rows.js';

/**
 * Eigenvalues of the covariance (N − 1) of features, largest first, from the smaller one of X Xᵀ and XᵀX; no more than rows − 1.
 * @throws LascauxError with fewer than two rows or a value that is not finite
 */
export function covarianceSpectrum(features: FeatureMatrix): Float64Array {
  requireFeatures('covariance spectrum', features, 2);
  const { rows, columns } = features;
  if (rows > columns) return symmetricEigenvalues(momentsOf(features).covariance, columns);
  const centred = featureMatrix(centre(features).data, columns);
  const gram = rowProducts(centred, centred, { lower: true }).map((value) => value / (rows - 1));
  return symmetricEigenvalues(gram, rows).subarray(0, rows - 1);
}
