import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from '@lascaux/evaluator';
import { choleskySemidefinite } from '../src/linear-algebra/cholesky.js';
import { multiplyAdd, rowMajor, transposed } from '../src/linear-algebra/multiply.js';
import { crossProductNuclearNorm, rootProductTrace } from '../src/linear-algebra/root-trace.js';
import { linearCongruential } from './features.js';

const random = (length: number, seed: number): Float64Array => {
  const u = linearCongruential(seed);
  return Float64Array.from({ length }, () => u() - 0.5);
};
const at = (data: Float64Array, i: number): number => data[i] ?? NaN;

/** X Xᵀ for row-major X of `rows`×`columns`. */
const gram = (x: Float64Array, rows: number): Float64Array => {
  const columns = x.length / rows;
  return Float64Array.from({ length: rows * rows }, (_, ij) => {
    const [i, j] = [Math.floor(ij / rows), ij % rows];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += at(x, i * columns + k) * at(x, j * columns + k);
    return sum;
  });
};

describe('multiplyAdd', () => {
  it.each([
    [1, 1, 1],
    [4, 4, 4],
    [5, 7, 3],
    [33, 17, 301],
    [97, 130, 20],
  ])('%i×%i over %i equals the sum of products', (rows, columns, depth) => {
    const [a, b, c] = [random(rows * depth, 1), random(columns * depth, 2), random(rows * columns, 3)];
    const expected = c.map((value, ij) => {
      let sum = value;
      for (let k = 0; k < depth; k++)
        sum -= 2 * at(a, Math.floor(ij / columns) * depth + k) * at(b, (ij % columns) * depth + k);
      return sum;
    });
    multiplyAdd({
      rows,
      columns,
      depth,
      a: rowMajor(a, depth),
      b: transposed(rowMajor(b, depth)),
      c: rowMajor(c, columns),
      scale: -2,
    });
    c.forEach((value, i) => expect(value).toBeCloseTo(at(expected, i), 11));
  });

  it('fills the lower triangle where only that is asked for', () => {
    const [n, depth] = [150, 11];
    const x = random(n * depth, 4);
    const c = new Float64Array(n * n);
    const view = rowMajor(x, depth);
    multiplyAdd({ rows: n, columns: n, depth, a: view, b: transposed(view), c: rowMajor(c, n), lower: true });
    const expected = gram(x, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) expect(at(c, i * n + j)).toBeCloseTo(at(expected, i * n + j), 12);
  });
});

describe('symmetricEigenvalues', () => {
  it('finds known spectra', () => {
    expect([...symmetricEigenvalues(Float64Array.of(7), 1)]).toEqual([7]);
    const two = symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2);
    expect(at(two, 0)).toBeCloseTo(3, 14);
    expect(at(two, 1)).toBeCloseTo(1, 14);
    expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    expect([...symmetricEigenvalues(Float64Array.of(1, 0, 0, 0, -5, 0, 0, 0, 3), 3)]).toEqual([3, 1, -5]);
  });

  it.each([3, 4, 9, 10, 64, 101])('of the second difference matrix of size %i are 2 − 2 cos(kπ/(n+1))', (n) => {
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (const [d, value] of [
        [-1, -1],
        [0, 2],
        [1, -1],
      ] as const)
        if (i + d >= 0 && i + d < n) matrix[i * n + i + d] = value;
    const values = symmetricEigenvalues(matrix, n);
    values.forEach((value, k) => expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)), 13));
  });

  it('of c·1 + ones are c + n, and c n−1 times, at any scale', () => {
    for (const scale of [1e-150, 1, 1e150]) {
      const n = 37;
      const matrix = Float64Array.from({ length: n * n }, (_, ij) => scale * (ij % (n + 1) === 0 ? 3 : 1));
      const values = symmetricEigenvalues(matrix, n);
      expect(at(values, 0) / scale).toBeCloseTo(n + 2, 11);
      for (let k = 1; k < n; k++) expect(at(values, k) / scale).toBeCloseTo(2, 12);
    }
  });

  it.each([5, 50, 131])('keep trace and Frobenius norm of a random matrix of size %i', (n) => {
    const x = random(n * n, n);
    const matrix = x.map((value, ij) => value + at(x, (ij % n) * n + Math.floor(ij / n)));
    const values = symmetricEigenvalues(matrix, n);
    const trace = matrix.reduce((sum, value, ij) => sum + (ij % (n + 1) === 0 ? value : 0), 0);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 11);
    const squares = matrix.reduce((sum, value) => sum + value * value, 0);
    expect(values.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 13);
  });

  it('refuses what is not finite', () => {
    expect(() => symmetricEigenvalues(Float64Array.of(1, 0, NaN, 1), 2)).toThrow('must be finite, got NaN at (1, 0)');
  });
});

describe('choleskySemidefinite', () => {
  it.each([
    [6, 6],
    [70, 70],
    [150, 90],
    [150, 40],
    [9, 0],
  ])('of size %i recovers a matrix of rank %i', (size, rank) => {
    const matrix = gram(random(size * rank, size), size).map((value) => (rank === 0 ? 0 : value));
    const result = choleskySemidefinite(matrix, size);
    expect(result.rank).toBe(rank);
    const back = gram(result.factor, size);
    back.forEach((value, ij) => {
      const [i, j] = [result.order[Math.floor(ij / size)] ?? -1, result.order[ij % size] ?? -1];
      expect(value).toBeCloseTo(at(matrix, i * size + j), 11);
    });
    for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) expect(result.factor[i * size + j]).toBe(0);
  });
});

describe('trace of the root of a product', () => {
  it('of commuting matrices is the sum of the root products', () => {
    const [a, b] = [
      [1, 4, 9, 0],
      [4, 1, 16, 5],
    ];
    const diagonal = (values: number[]): Float64Array =>
      Float64Array.from({ length: 16 }, (_, ij) => (ij % 5 === 0 ? (values[ij / 5] ?? 0) : 0));
    expect(rootProductTrace(diagonal(a), diagonal(b), { size: 4 })).toBeCloseTo(2 + 2 + 12, 13);
  });

  it('agrees with the nuclear norm of the cross product', () => {
    const [size, rows1, rows2] = [20, 30, 25];
    const [a, b] = [random(rows1 * size, 8), random(rows2 * size, 9)];
    const covariance = (x: Float64Array): Float64Array => {
      const columnsFirst = Float64Array.from(x, (_, i) =>
        at(x, (i % (x.length / size)) * size + Math.floor(i / (x.length / size))),
      );
      return gram(columnsFirst, size);
    };
    const norm = crossProductNuclearNorm(a, b, { columns: size, maximumRank: size });
    expect(rootProductTrace(covariance(a), covariance(b), { size })).toBeCloseTo(norm, 10);
  });
});
