import { describeThroughput } from '@lascaux/training';
import type { Comparison, Speed, TrainerFigures } from './compare.js';
import type { EngineSpeed } from './engine-speeds.js';

const stepText = ({ secondsPerStep, imagesPerSecond, flopsPerSecond, limit }: Speed): string =>
  `${(1000 * secondsPerStep).toFixed(0)} ms a step, ${imagesPerSecond.toFixed(1)} images/s, ${describeThroughput(flopsPerSecond, limit)}`;

const lines = (name: string, { wall, cpu }: TrainerFigures): string[] => [
  `  ${name.padEnd(16)}   ${stepText(wall)}`,
  `  ${''.padEnd(16)}   in CPU time: ${stepText(cpu)}`,
];

/** Largest relative difference of the losses of both. */
export function lossDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)) / Math.max(Math.abs(value), 1e-12)));
}

/** A comparison, for people. */
export function comparisonText(
  comparison: Comparison,
  names: { readonly ours: string; readonly peer: string },
): string {
  const { network, parameters, batchSize, flops, rounds, ours, peer, ratio } = comparison;
  const head = `${network}: ${(parameters / 1e6).toFixed(2)} M parameters, batch ${batchSize}, ${(flops / 1e9).toFixed(2)} GFLOP a step, medians of ${rounds} alternating rounds`;
  if (peer === undefined || ratio === undefined) return [head, ...lines(names.ours, ours)].join('\n');
  const difference = lossDifference(ours.losses, peer.losses).toExponential(1);
  const speeds = `${ratio.wall.toFixed(2)} × the speed of the peer, ${ratio.cpu.toFixed(2)} × in CPU time`;
  const verdict = `  ${'ours'.padEnd(16)}   ${speeds}; losses of ${ours.losses.length} steps differ by ${difference} at most`;
  return [head, ...lines(names.ours, ours), ...lines(names.peer, peer), verdict].join('\n');
}

/** One engine's speed, for people. */
export function speedText(speed: EngineSpeed): string {
  const name = `  ${speed.engine} on ${speed.device}`.padEnd(20);
  if ('refused' in speed) return `${name} not there: ${speed.refused}`;
  const loss = `loss ${speed.losses[0]!.toFixed(5)} → ${speed.losses.at(-1)!.toFixed(5)} after ${speed.losses.length} steps`;
  return `${name} ${speed.imagesPerSecond.toFixed(1)} images/s, ${loss}`;
}
