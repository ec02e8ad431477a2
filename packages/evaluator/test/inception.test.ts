import { encodeModel } from '@lascaux/nn/onnx';
import { describe, expect, it } from 'vitest';
import {
  dimensionsOfWeights,
  foldedLayer,
  inceptionGraph,
  inceptionLayers,
  openImageModel,
  openInception,
  type InceptionDimensions,
  type InceptionLayer,
  type WeightTensors,
} from '@lascaux/evaluator';

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Weights that are zero and biases of one number, but for the layers given. */
function constantWeights(
  dimensions: InceptionDimensions,
  bias: (layer: InceptionLayer) => number,
  weight: (layer: InceptionLayer) => number,
): WeightTensors {
  return new Map(
    inceptionLayers(dimensions).flatMap((layer) => [
      [
        `${layer.graphName}.weight`,
        { shape: layer.shape, data: new Float32Array(size(layer.shape)).fill(weight(layer)) },
      ],
      [
        `${layer.graphName}.bias`,
        { shape: layer.shape.slice(0, 1), data: new Float32Array(layer.shape[0] ?? 0).fill(bias(layer)) },
      ],
    ]),
  );
}

const batch = { pixels: new Uint8Array(2 * 3 * 3 * 3).fill(40), count: 2, height: 3, width: 3 };

describe('inceptionLayers', () => {
  it('has the published number of filters', () => {
    const layers = inceptionLayers(2048);
    expect(layers.length).toBe(94);
    expect(layers.reduce((sum, { shape }) => sum + size(shape), 0)).toBe(21_751_136);
    expect(layers.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)).toBe(17_216);
    for (const key of ['graphName', 'torchName'] as const)
      expect(new Set(layers.map((layer) => layer[key])).size).toBe(94);
  });

  it('stops at the wanted features', () => {
    expect(inceptionLayers(64).map(({ graphName }) => graphName)).toEqual(['conv', 'conv_1', 'conv_2']);
    expect(inceptionLayers(192).length).toBe(5);
    expect(inceptionLayers(768).at(-1)).toEqual({
      graphName: 'mixed_7_tower_2_conv',
      torchName: 'Mixed_6e.branch_pool',
      shape: [192, 768, 1, 1],
    });
    expect(inceptionLayers(1008).at(-1)?.shape).toEqual([1008, 2048]);
  });
});

describe('openInception', () => {
  it('averages what the first convolutions make of a grey picture', async () => {
    // Grey 40 stays constant in the valid convolutions: 27·0.01·(40/127.5 − 1) + 1 = g, then 288·0.01·g + 1 = h; the third has
    // zero weights but for its bias, so its padding does not show.
    const weights = constantWeights(
      64,
      () => 1,
      ({ graphName }) => (graphName === 'conv_2' ? 0 : 0.01),
    );
    const network = await openInception({ weights, dimensions: 64 });
    expect([...(await network.extract(batch))]).toEqual(new Array(128).fill(1));
    await network.dispose?.();
    const open = await openInception({
      weights: constantWeights(
        64,
        () => 1,
        () => 0.01,
      ),
      dimensions: 64,
      convention: 'torch-fidelity',
    });
    const g = 27 * 0.01 * ((40 - 128) / 128) + 1;
    const h = 32 * 9 * 0.01 * g + 1;
    const inside = 32 * 9 * 0.01 * h + 1;
    // The third convolution pads with zeros, but maximum pooling takes the inner value everywhere.
    for (const value of await open.extract(batch)) expect(value).toBeCloseTo(inside, 4);
    expect(open.name).toBe('inception-64-torch-fidelity');
    await open.dispose?.();
  });

  it('leaves the padding out of average pooling and concatenates branches in order', { timeout: 120_000 }, async () => {
    const biases: Record<string, number> = {
      mixed_7_conv: 2,
      mixed_7_tower_conv_2: 3,
      mixed_7_tower_1_conv_4: 4,
      mixed_7_tower_2_conv: 0,
    };
    const weights = constantWeights(
      768,
      ({ graphName }) => biases[graphName] ?? 1,
      ({ graphName }) => (graphName === 'mixed_7_tower_2_conv' ? 1 / 768 : 0),
    );
    const network = await openInception({ weights, dimensions: 768 });
    const features = await network.extract({ ...batch, count: 1, pixels: batch.pixels.subarray(0, 27) });
    const expected = [2, 3, 4, 1].flatMap((value) => new Array<number>(192).fill(value));
    features.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
    await network.dispose?.();
  });

  it('names what is missing', async () => {
    await expect(openInception({ weights: new Map(), dimensions: 64 })).rejects.toThrow(
      'missing, got "Conv2d_1a_3x3.conv.weight"',
    );
    const wrong = new Map([['conv.weight', { shape: [1, 2], data: new Float32Array(2) }]]);
    await expect(openInception({ weights: wrong, dimensions: 64 })).rejects.toThrow(
      'conv.weight must have shape [32, 3, 3, 3]',
    );
  });
});

describe('dimensionsOfWeights', () => {
  it('says how far a trunk reaches, under either set of names', () => {
    expect(
      dimensionsOfWeights(
        constantWeights(
          192,
          () => 0,
          () => 0,
        ),
      ),
    ).toEqual([64, 192]);
    const torch = inceptionLayers(1008).map(
      ({ torchName, shape }) =>
        [shape.length === 2 ? `${torchName}.weight` : `${torchName}.conv.weight`, { shape, data: [] }] as const,
    );
    expect(dimensionsOfWeights(new Map(torch))).toEqual([64, 192, 768, 2048, 1008]);
    expect(dimensionsOfWeights(new Map())).toEqual([]);
  });
});

describe('foldedLayer', () => {
  it('folds batch norm into pytorch-fid weights', () => {
    const layer = { graphName: 'conv', torchName: 'A', shape: [2, 1, 1, 1] };
    const channel = (...data: number[]) => ({ shape: [2], data: Float32Array.from(data) });
    const tensors: WeightTensors = new Map([
      ['A.conv.weight', { shape: layer.shape, data: Float32Array.of(3, -5) }],
      ['A.bn.weight', channel(2, 1)],
      ['A.bn.bias', channel(0.5, 1)],
      ['A.bn.running_mean', channel(4, -1)],
      ['A.bn.running_var', channel(4 - 1e-3, 1 - 1e-3)],
    ]);
    const { weight, bias } = foldedLayer(tensors, layer);
    expect(weight[0]).toBeCloseTo(3, 5);
    expect(weight[1]).toBeCloseTo(-5, 5);
    expect(bias[0]).toBeCloseTo(0.5 - 4, 5);
    expect(bias[1]).toBeCloseTo(2, 5);
  });
});

describe('openImageModel', () => {
  const weights = constantWeights(
    64,
    () => 1,
    ({ graphName }) => (graphName === 'conv_2' ? 0.01 : 0),
  );
  const model = encodeModel(inceptionGraph(64, (layer) => foldedLayer(weights, layer)));

  it('runs any image model by what it declares', async () => {
    const network = await openImageModel({ model, name: 'stem', mean: [0, 0, 0], deviation: [1, 1, 1] });
    expect(network.dimensions).toBe(64);
    // The map before the third convolution is 1 everywhere: 288·0.01 + 1.
    for (const value of await network.extract(batch)) expect(value).toBeCloseTo(3.88, 4);
    const other = await openImageModel({ model, name: 'stem' });
    expect(other.fingerprint).not.toBe(network.fingerprint);
    await network.dispose?.();
    await other.dispose?.();
  });

  it('names what is wrong', async () => {
    await expect(openImageModel({ model, name: 'stem', output: 'logits' })).rejects.toThrow(
      'got "logits" (accepted: features)',
    );
    await expect(openImageModel({ model: 'missing.onnx', name: 'x' })).rejects.toThrow(
      'missing.onnx: ONNX Runtime cannot load it',
    );
  });
});
