// Trains in the folder named on the command line, with as many replicas as the second argument says, until somebody kills it: saves a checkpoint at every step.
import { onnxEngine } from '@lascaux/nn/onnx';
import { train } from '@lascaux/training';
import { regressionBatch, regressionStep } from './regression.js';

await train({
  engine: onnxEngine({ threads: 1 }),
  step: regressionStep(),
  batch: regressionBatch,
  directory: process.argv[2]!,
  seed: 5,
  learningRate: () => 0.02,
  totalImages: 8 * 100_000,
  checkpointEvery: { images: 8 },
  replicas: Number(process.argv[3] ?? 1),
  resume: true,
});
