import { randomStream, trace, type Program } from '@lascaux/nn';
import { multiHeadAttention } from '@lascaux/nn/layers';
import { unet2DConditionConfig, unetProgram } from '@lascaux/nn/networks';
import { encodeModel, openSession, programGraph } from '@lascaux/nn/onnx';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';

/** Attention of tokens to a context of another length; both lengths are free. */
const attentionProgram = (options: { heads: number; scale?: number; masked?: boolean }): Program =>
  trace(
    {
      query: { shape: ['batch', 'tokens', 24] },
      key: { shape: ['batch', 'others', 24] },
      value: { shape: ['batch', 'others', 24] },
      mask: { shape: [1, 1, 1, 'others'] },
    },
    (_, { query, key, value, mask }) => {
      const { heads, scale, masked = false } = options;
      return { out: multiHeadAttention({ query, key, value, heads, scale, ...(masked ? { mask } : {}) }) };
    },
  );

const sizes: Readonly<Record<string, readonly number[]>> = {
  query: [2, 5, 24],
  key: [2, 7, 24],
  value: [2, 7, 24],
  mask: [1, 1, 1, 7],
};

async function run(program: Program, fusesAttention: boolean): Promise<{ types: string[]; out: Float32Array }> {
  const graph = programGraph(program, { fusesAttention });
  const session = await openSession(encodeModel(graph), { threads: 1 });
  const random = randomStream(3);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name }) => {
      const shape = sizes[name]!;
      return [name, new Tensor('float32', random.normal(shape.reduce((a, b) => a * b)), shape)];
    }),
  );
  const { out } = await session.run(feeds);
  await session.release();
  return { types: graph.nodes.map(({ type }) => type), out: out!.data as Float32Array };
}

describe('attention as one node', () => {
  it.each([{ heads: 1 }, { heads: 3 }, { heads: 4, scale: 1 }, { heads: 2, scale: 0.3 }])(
    'gives what its parts give: %o',
    async (options) => {
      const [fused, plain] = [await run(attentionProgram(options), true), await run(attentionProgram(options), false)];
      expect(fused.types.filter((type) => type === 'MultiHeadAttention')).toHaveLength(1);
      expect(fused.types).not.toContain('Softmax');
      expect(plain.types).not.toContain('MultiHeadAttention');
      expect(fused.out).toHaveLength(plain.out.length);
      fused.out.forEach((value, i) => expect(value).toBeCloseTo(plain.out[i]!, 5));
    },
  );

  it('leaves attention under a mask in its parts', async () => {
    const { types } = await run(attentionProgram({ heads: 2, masked: true }), true);
    expect(types).toContain('Softmax');
    expect(types).not.toContain('MultiHeadAttention');
  });

  it('finds every attention of a UNet', () => {
    const config = unet2DConditionConfig({
      block_out_channels: [32, 64],
      down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
      up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
      cross_attention_dim: 16,
      attention_head_dim: 4,
    });
    const axes = { batch: 'batch', height: 'height', width: 'width', tokens: 'tokens' };
    const { nodes } = programGraph(unetProgram(config, axes), { fusesAttention: true });
    const count = (type: string): number => nodes.filter((node) => node.type === type).length;
    // Two layers down, one in the middle, three up; each attends to itself and to the text.
    expect(count('MultiHeadAttention')).toBe(12);
    expect(count('Softmax')).toBe(0);
  });
});
