/** Settings that make OpenBLAS slower than it is by itself: a peer is measured without them. */
const SLOWING = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];

/**
 * The environment of a Python peer that is to use `threads` threads: PyTorch's own setting does not reach the BLAS library it may be
 * built with (OpenBLAS takes every core otherwise). What this machine sets for other programs' sake is cleared.
 * @param threads undefined for the libraries' own choice
 */
export function pythonEnvironment(threads: number | undefined): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SLOWING.includes(name)));
  if (threads === undefined) return own;
  const count = String(threads);
  return { ...own, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count };
}
