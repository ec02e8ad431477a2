import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Padding } from '../program/primitives.js';
import type { Tfjs } from './backends.js';
import type { Emission, FourSizes } from './call.js';
import { fourSizes } from './call.js';

/** Zeros round a feature map [N, H, W, C]. */
const padded = (tf: Tfjs, x: Tensor, [top, left, bottom, right]: Padding): Tensor =>
  [top, left, bottom, right].some((cells) => cells > 0)
    ? tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ])
    : x;

/** TensorFlow's `same` padding along one axis: ⌈size / stride⌉ results, the odd cell after. */
function samePadding(size: number, kernel: number, stride: number): readonly [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

interface Geometry {
  /** Height and width of the feature map. */
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: Padding;
}

/** Whether TensorFlow's `same` means this very padding; not all of its kernels take explicit numbers. */
function isSame({ size, kernel, stride, padding: [top, left, bottom, right] }: Geometry): boolean {
  const rows = samePadding(size[0], kernel[0], stride);
  const columns = samePadding(size[1], kernel[1], stride);
  return rows[0] === top && rows[1] === bottom && columns[0] === left && columns[1] === right;
}

/** A filter [K, C, h, w] as tfjs wants it: [h, w, C, K]. */
const tfjsFilter = (tf: Tfjs, filter: Tensor): Tensor4D => tf.transpose(filter as Tensor4D, [2, 3, 1, 0]);

/** Channels-last feature map, filter [K, C, h, w], perhaps a bias [K] → channels-last feature map. */
export const runConvolution: Emission<'conv2d'> = (tf, { x, y, inputs, attributes: { stride, padding } }) => {
  const [, height, width] = fourSizes(x.shape);
  const [, , h, w] = fourSizes(y.shape);
  const same = isSame({ size: [height, width], kernel: [h, w], stride, padding });
  const map = same ? x : padded(tf, x, padding);
  const result = tf.conv2d(map as Tensor4D, tfjsFilter(tf, y), stride, same ? 'same' : 'valid');
  const bias = inputs[2];
  return bias === undefined ? result : tf.add(result, bias);
};

/** Channels-last cotangent, filter [K, C, h, w] → channels-last gradient for the feature map. */
export const runInputGradient: Emission<'conv2dInputGradient'> = (
  tf,
  { x: cotangent, y: filter, attributes, shape },
) => {
  const { stride, padding } = attributes;
  const [n, c, height, width] = fourSizes(shape);
  const [, , h, w] = fourSizes(filter.shape);
  if (isSame({ size: [height, width], kernel: [h, w], stride, padding }))
    return tf.conv2dTranspose(cotangent as Tensor4D, tfjsFilter(tf, filter), [n, height, width, c], stride, 'same');
  const [top, left, bottom, right] = padding;
  const whole: [number, number, number, number] = [n, height + top + bottom, width + left + right, c];
  const gradient = tf.conv2dTranspose(cotangent as Tensor4D, tfjsFilter(tf, filter), whole, stride, 'valid');
  return tf.slice(gradient, [0, top, left, 0], [n, height, width, c]);
};

interface FilterGradient {
  /** The feature map with its padding, [N, H, W, C]. */
  readonly map: Tensor;
  /** [N, H′, W′, K] */
  readonly cotangent: Tensor;
  readonly stride: number;
  /** [h, w, C, K] */
  readonly filterShape: FourSizes;
}

/** The cells of the feature map that one filter cell meets, [N·H′·W′, C]. */
function view(tf: Tfjs, { map, cotangent, stride }: FilterGradient, [row, column]: readonly [number, number]): Tensor {
  const [n, , , c] = fourSizes(map.shape);
  const [, height, width] = fourSizes(cotangent.shape);
  const cells =
    stride === 1
      ? tf.slice(map, [0, row, column, 0], [n, height, width, c])
      : tf.stridedSlice(
          map,
          [0, row, column, 0],
          [n, row + (height - 1) * stride + 1, column + (width - 1) * stride + 1, c],
          [1, stride, stride, 1],
        );
  return tf.reshape(cells, [n * height * width, c]);
}

/** All views side by side, [N·H′·W′, h·w·C], then one product with the cotangent: for backends without a kernel of their own. */
function asProduct(tf: Tfjs, call: FilterGradient): Tensor {
  const [h, w, c, k] = call.filterShape;
  const views = Array.from({ length: h * w }, (_, i) => view(tf, call, [Math.floor(i / w), i % w]));
  const rows = tf.reshape(call.cotangent, [-1, k]);
  const columns = views.length === 1 ? (views[0] as Tensor) : tf.concat(views, 1);
  return tf.reshape(tf.matMul(columns, rows, true), [h, w, c, k]);
}

const KERNEL = 'Conv2DBackpropFilter';

/** Channels-last feature map, channels-last cotangent → filter [K, C, h, w]. */
export const runFilterGradient: Emission<'conv2dFilterGradient'> = (tf, { x, y: cotangent, attributes, shape }) => {
  const { stride, padding } = attributes;
  const [k, c, h, w] = fourSizes(shape);
  const map = trimmed(tf, padded(tf, x, padding), { h, w, stride, cotangent });
  const call: FilterGradient = { map, cotangent, stride, filterShape: [h, w, c, k] };
  const hasKernel = tf.getKernel(KERNEL, tf.getBackend()) !== undefined;
  const gradient = hasKernel ? byKernel(tf, call) : asProduct(tf, call);
  return tf.transpose(gradient, [3, 2, 0, 1]);
};

/** Without the rows and columns at the end that no step of the stride reaches. */
function trimmed(
  tf: Tfjs,
  map: Tensor,
  { h, w, stride, cotangent }: { h: number; w: number; stride: number; cotangent: Tensor },
): Tensor {
  const [n, height, width, c] = fourSizes(map.shape);
  const [, rows, columns] = fourSizes(cotangent.shape);
  const reached: FourSizes = [n, (rows - 1) * stride + h, (columns - 1) * stride + w, c];
  return reached[1] === height && reached[2] === width ? map : tf.slice(map, [0, 0, 0, 0], [...reached]);
}

const byKernel = (tf: Tfjs, { map, cotangent, stride, filterShape }: FilterGradient): Tensor =>
  tf
    .engine()
    .runKernel<Tensor>(
      KERNEL,
      { x: map, dy: cotangent },
      { strides: [stride, stride], pad: 'valid', dataFormat: 'NHWC', filterShape: [...filterShape] },
    );
