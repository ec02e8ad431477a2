/**
 * The environment of a Python peer that is to use `threads` threads: PyTorch's own setting does not reach the BLAS library it may be
 * built with (OpenBLAS takes every core otherwise).
 * @param threads undefined for the libraries' own choice
 */
export function pythonEnvironment(threads: number | undefined): NodeJS.ProcessEnv {
  if (threads === undefined) return process.env;
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count };
}
