import { LascauxError, fromBfloat16, fromFloat16, openSafetensors, type SafetensorsTensor } from '@lascaux/nn';
import { openPth } from '@lascaux/nn/pth';
import { inceptionLayers, type FoldedLayer, type InceptionDimensions, type InceptionLayer } from './graph.js';

/** Tensors of a weights file by name. */
export type WeightTensors = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
>;

/** Epsilon of the network's batch normalisations. */
const EPSILON = 1e-3;

/**
 * Reads the tensors of a weights file that some layer of the network has, from safetensors or from PyTorch's `.pth`
 * (`pt_inception-2015-12-05-6726825d.pth` of pytorch-fid). Half-precision ones are widened.
 *
 * Why: docs/decisions/0086.
 * @throws LascauxError when the file is missing, damaged, or of another kind.
 */
export async function readInceptionWeights(path: string): Promise<WeightTensors> {
  const file = await (/\.(pth|pt|bin)$/i.test(path) ? openPth(path) : openSafetensors(path));
  try {
    const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const name of file.entries.keys()) {
      const { shape, ...stored } = await file.read(name);
      const data = float32(stored);
      if (data) tensors.set(name, { shape, data });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

function float32({ dtype, data }: Pick<SafetensorsTensor, 'dtype' | 'data'>): Float32Array | undefined {
  if (dtype === 'F32') return data as Float32Array;
  if (dtype === 'F64') return Float32Array.from(data as Float64Array);
  if (dtype === 'F16') return fromFloat16(data as Uint16Array);
  return dtype === 'BF16' ? fromBfloat16(data as Uint16Array) : undefined;
}

const allDimensions: readonly InceptionDimensions[] = [64, 192, 768, 2048, 1008];

/** The features for which a weights file has all layers; a trunk may end early. */
export function dimensionsOfWeights(tensors: WeightTensors): readonly InceptionDimensions[] {
  const has = ({ graphName, torchName }: InceptionLayer): boolean =>
    [`${graphName}.weight`, `${torchName}.weight`, `${torchName}.conv.weight`].some((name) => tensors.has(name));
  return allDimensions.filter((dimensions) => inceptionLayers(dimensions).every(has));
}

/**
 * A layer's weights, from either of two sets of names: the TensorFlow graph's with batch norm folded in (`mixed_conv.weight`,
 * `mixed_conv.bias`), or pytorch-fid's (`Mixed_5b.branch1x1.conv.weight`, `….bn.weight`, `….bn.bias`,
 * `….bn.running_mean`, `….bn.running_var`; `fc.weight`), which are folded here.
 *
 * @throws LascauxError when a tensor is missing or has another shape.
 */
export function foldedLayer(tensors: WeightTensors, layer: InceptionLayer): FoldedLayer {
  const { graphName, torchName, shape } = layer;
  const channels = shape.slice(0, 1);
  if (tensors.has(`${graphName}.weight`)) {
    return { weight: take(tensors, `${graphName}.weight`, shape), bias: take(tensors, `${graphName}.bias`, channels) };
  }
  if (shape.length === 2)
    return { weight: take(tensors, `${torchName}.weight`, shape), bias: new Float32Array(shape[0] ?? 0) };
  const weight = take(tensors, `${torchName}.conv.weight`, shape);
  const norm = (name: string): Float32Array => take(tensors, `${torchName}.bn.${name}`, channels);
  return foldBatchNorm(weight, {
    scale: norm('weight'),
    shift: norm('bias'),
    mean: norm('running_mean'),
    variance: norm('running_var'),
  });
}

/** W′ = W·γ/√(σ²+ε), b′ = β − μ·γ/√(σ²+ε), channel by channel of the output. */
function foldBatchNorm(
  weight: Float32Array,
  norm: { scale: Float32Array; shift: Float32Array; mean: Float32Array; variance: Float32Array },
): FoldedLayer {
  const { scale, shift, mean, variance } = norm;
  const factors = scale.map((gamma, c) => gamma / Math.sqrt((variance[c] ?? 0) + EPSILON));
  const perChannel = weight.length / factors.length;
  return {
    weight: weight.map((value, i) => value * (factors[Math.floor(i / perChannel)] ?? 0)),
    bias: shift.map((beta, c) => beta - (mean[c] ?? 0) * (factors[c] ?? 0)),
  };
}

function take(tensors: WeightTensors, name: string, shape: readonly number[]): Float32Array {
  const tensor = tensors.get(name);
  if (!tensor)
    throw new LascauxError({ operation: 'inception weights', rule: 'a float32 tensor is missing', value: name });
  if (tensor.shape.join() !== shape.join()) {
    const rule = `${name} must have shape [${shape.join(', ')}]`;
    throw new LascauxError({ operation: 'inception weights', rule, value: `[${tensor.shape.join(', ')}]` });
  }
  return tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data);
}
