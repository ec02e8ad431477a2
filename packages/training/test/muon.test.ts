import { ops, randomStream, trace } from '@lascaux/nn';
import {
  asMatrix,
  decaysByDefault,
  isEmbedding,
  isHiddenMatrix,
  muon,
  nearestToOne,
  orthogonalize,
  polarExpress,
  traceTrainingStep,
} from '@lascaux/training';
import { describe, expect, it } from 'vitest';
import { runProgram, scalarInputs } from './run-program.js';

/** What the iterations make of a singular value over the norm of its matrix. */
const mapped = (s: number, iterations = 4): number =>
  polarExpress(iterations).reduce((x, [a, b, c]) => a * x + b * x ** 3 + c * x ** 5, s / 1.01);

async function orthogonalized(
  values: Float32Array | readonly number[],
  shape: readonly [number, number],
): Promise<number[]> {
  const program = trace({ matrix: { shape } }, (_, { matrix }) => ({ result: orthogonalize(matrix) }));
  return (await runProgram(program, { matrix: values })).result ?? [];
}

describe('orthogonalize', () => {
  it('maps each singular value by the polynomials', async () => {
    const singular = [3, 1, 0.5];
    const norm = Math.hypot(...singular);
    const result = await orthogonalized([3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5, 0], [3, 4]);
    singular.forEach((s, i) => {
      expect(result[i * 4 + i]).toBeCloseTo(mapped(s / norm), 4);
    });
    expect(result.filter((_, i) => i % 5 !== 0).every((x) => Math.abs(x) < 1e-6)).toBe(true);
  });

  it('brings a random matrix near to one with orthonormal columns, whichever side is longer', async () => {
    for (const [rows, columns] of [
      [24, 6],
      [6, 24],
    ] as const) {
      const x = await orthogonalized(randomStream(3).normal(rows * columns), [rows, columns]);
      const short = Math.min(rows, columns);
      const dot = (i: number, j: number): number => {
        let total = 0;
        for (let k = 0; k < Math.max(rows, columns); k++)
          total +=
            rows > columns ? x[k * columns + i]! * x[k * columns + j]! : x[i * columns + k]! * x[j * columns + k]!;
        return total;
      };
      for (let i = 0; i < short; i++) {
        expect(Math.sqrt(dot(i, i))).toBeGreaterThan(0.85);
        expect(Math.sqrt(dot(i, i))).toBeLessThan(1.15);
      }
    }
  });
});

describe('polarExpress', () => {
  it('has the coefficients of the paper’s reference, which it divides by its safety factor only when it runs', () => {
    // polar_express of Amsel et al. 2025: lower end 1e-3, the first five steps of eight.
    const published = [
      [8.28721201814563, -23.595886519098837, 17.300387312530933],
      [4.107059111542203, -2.9478499167379106, 0.5448431082926601],
      [3.9486908534822946, -2.908902115962949, 0.5518191394370137],
      [3.3184196573706015, -2.488488024314874, 0.51004894012372],
      [2.300652019954817, -1.6689039845747493, 0.4188073119525673],
    ];
    const ours = polarExpress(8, 1e-3);
    published.forEach((row, i) =>
      row.forEach((value, k) => expect(ours[i]![k]! * 1.01 ** (2 * k + 1)).toBeCloseTo(value, 6)),
    );
  });

  it.each([
    [3, 0.0175],
    [4, 0.0044],
    [5, 0.0011],
    [6, 0.00028],
  ])('brings in %i steps all from %d on near to 1', (iterations, lowest) => {
    for (let s = lowest; s <= 1; s *= 1.01) {
      expect(mapped(s, iterations)).toBeGreaterThan(0.84);
      expect(mapped(s, iterations)).toBeLessThan(1.16);
    }
    expect(mapped(1, iterations)).toBeCloseTo(1, 0);
  });

  it('is nearest to 1 with equal errors at four points', () => {
    const [a, b, c] = nearestToOne(0.1, 1);
    const errors = Array.from({ length: 901 }, (_, i) => 0.1 + i / 1000).map(
      (x) => a * x + b * x ** 3 + c * x ** 5 - 1,
    );
    expect(Math.max(...errors)).toBeCloseTo(-Math.min(...errors), 5);
    expect(errors[0]).toBeCloseTo(Math.min(...errors), 5);
    expect(errors.at(-1)).toBeCloseTo(Math.max(...errors), 5);
  });
});

describe('muon', () => {
  const step = traceTrainingStep({
    inputs: { slope: { shape: [2, 1, 1, 3] } },
    optimizer: muon({ weightDecay: 0.1, betas: [0.9, 0.99] }),
    ema: false,
    loss: (scope, { slope }) => {
      const filter = scope.at('block').parameter('weight', [2, 1, 1, 3], { kind: 'zeros' });
      const bias = scope.at('block').parameter('bias', [2], { kind: 'zeros' });
      return { loss: ops.add(ops.sum(ops.mul(slope, filter)), ops.reshape(ops.sum(bias), [1, 1, 1, 1])) };
    },
  });

  it('steps hidden filters along the orthogonal factor of their gradient and the rest by AdamW', async () => {
    expect(step.state.map(({ name }) => name)).toEqual([
      'param/block.weight',
      'momentum/block.weight',
      'param/block.bias',
      'm/block.bias',
      'v/block.bias',
    ]);
    const outputs = await runProgram(step.program, {
      slope: [5, 0, 0, 0, 5, 0],
      'param/block.weight': [1, 1, 1, 1, 1, 1],
      ...scalarInputs({ learning_rate: 0.1, ...step.optimizer.scalars(1) }),
    });
    const singular = mapped(Math.SQRT1_2);
    const kept = 1 - 0.1 * 0.1;
    const moved = kept - 0.1 * 0.2 * Math.sqrt(3) * singular;
    const expected = [moved, kept, kept, kept, moved, kept];
    outputs['next/param/block.weight']?.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(outputs['next/momentum/block.weight']?.[0]).toBeCloseTo(0.05 * 5, 6);
    expect(outputs['next/param/block.bias']?.[0]).toBeCloseTo(-0.1, 6);
  });

  it('refuses a momentum of 1', () =>
    expect(() => muon({ momentum: 1 })).toThrow('muon: momentum must lie in [0, 1), got 1'));
});

describe('parameter rules', () => {
  const spec = (name: string, shape: readonly number[]) => ({ name, shape, initializer: { kind: 'zeros' } as const });

  it('knows embedding tables by the names of diffusers and transformers', () => {
    expect(isEmbedding(spec('text_model.embeddings.token_embedding.weight', [100, 8]))).toBe(true);
    expect(isEmbedding(spec('class_embedder.embedding_table.weight', [10, 8]))).toBe(true);
    expect(isEmbedding(spec('shared.weight', [10, 8]))).toBe(true);
    expect(isEmbedding(spec('time_embedding.linear_1.weight', [8, 8]))).toBe(false);
    expect(isEmbedding(spec('unshared.weight', [8, 8]))).toBe(false);
  });

  it('lets only matrices and filters decay', () => {
    expect(decaysByDefault(spec('mid_block.resnets.0.conv1.weight', [8, 8, 3, 3]))).toBe(true);
    expect(decaysByDefault(spec('mid_block.resnets.0.norm1.weight', [8]))).toBe(false);
    expect(decaysByDefault(spec('text_model.embeddings.position_embedding.weight', [77, 8]))).toBe(false);
  });

  it('takes only layers between the first and the last as hidden', () => {
    expect(isHiddenMatrix(spec('transformer_blocks.0.attn1.to_q.weight', [8, 8]))).toBe(true);
    expect(isHiddenMatrix(spec('down_blocks.0.attentions.0.proj_in.weight', [8, 8, 1, 1]))).toBe(true);
    for (const name of [
      'conv_in.weight',
      'decoder.conv_out.weight',
      'proj_out_2.weight',
      'pos_embed.proj.weight',
      'vision_model.embeddings.patch_embedding.weight',
      'text_projection.weight',
    ])
      expect(isHiddenMatrix(spec(name, [8, 8, 2, 2]))).toBe(false);
    expect(isHiddenMatrix(spec('norm.weight', [8]))).toBe(false);
  });

  it('flattens filters', () => expect(asMatrix([4, 3, 2, 2])).toEqual([4, 12]));
});
