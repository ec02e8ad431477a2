import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ops } from '@lascaux/nn';
import type { InputTypes, Scope, Value } from '@lascaux/nn';
import { adamw, traceTrainingStep } from '@lascaux/training';
import type { BatchFunction, Optimizer, TrainingStep } from '@lascaux/training';

const ROWS = 8;

/** A two-layer network that learns y = x·A from noiseless rows. */
export function regressionStep({
  optimizer = adamw({ weightDecay: 0 }),
  clip,
}: { optimizer?: Optimizer; clip?: number } = {}): TrainingStep {
  const inputs = { x: { shape: [ROWS, 3] }, y: { shape: [ROWS, 2] } } satisfies InputTypes;
  return traceTrainingStep({
    inputs,
    optimizer,
    ...(clip === undefined ? {} : { clip }),
    loss: (scope, { x, y }) => {
      const error = ops.sub(network(scope, x), y);
      return { loss: ops.mean(ops.square(error)), metrics: { bias: ops.mean(error) } };
    },
  });
}

function network(scope: Scope, x: Value): Value {
  const hidden = ops.add(
    ops.matmul(x, scope.at('first').parameter('weight', [3, 16], { kind: 'normal', scale: 0.5 })),
    scope.at('first').parameter('bias', [16], { kind: 'zeros' }),
  );
  return ops.matmul(ops.silu(hidden), scope.at('second').parameter('weight', [16, 2], { kind: 'uniform', scale: 0.5 }));
}

/** Rows of normals and their images under a fixed linear map. */
export const regressionBatch: BatchFunction = ({ random }) => {
  const x = random.normal(ROWS * 3);
  const y = new Float32Array(ROWS * 2);
  for (let row = 0; row < ROWS; row++) {
    const [a, b, c] = x.subarray(row * 3, row * 3 + 3) as unknown as [number, number, number];
    y[row * 2] = a - 0.5 * b;
    y[row * 2 + 1] = 0.3 * c + b;
  }
  return { inputs: { x, y }, images: ROWS };
};

/** Runs `use` with a fresh folder and removes it afterwards. */
export async function withFolder<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'lascaux-training-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
