import { describeThroughput } from '@lascaux/training';
import type { Comparison, Speed, TrainerFigures } from './compare.js';
import { lossDifference } from './differences.js';
import type { EngineSpeed } from './engine-speeds.js';
import type { StepTime } from './trainer.js';

const stepText = ({ secondsPerStep, imagesPerSecond, flopsPerSecond, limit }: Speed): string =>
  `${(1000 * secondsPerStep).toFixed(0)} ms a step, ${imagesPerSecond.toFixed(1)} images/s, ${describeThroughput(flopsPerSecond, limit)}`;

const lines = (name: string, { wall, cpu }: TrainerFigures): string[] => [
  `  ${name.padEnd(16)}   ${stepText(wall)}`,
  `  ${''.padEnd(16)}   in CPU time: ${stepText(cpu)}`,
];

/** A comparison, for people. */
export function comparisonText(
  comparison: Comparison,
  names: { readonly ours: string; readonly peer: string },
): string {
  const { network, parameters, batchSize, flops, rounds, ours, peer, ratio } = comparison;
  const head = `${network}: ${(parameters / 1e6).toFixed(2)} M parameters, batch ${batchSize}, ${(flops / 1e9).toFixed(2)} GFLOP a step, medians of ${rounds} alternating rounds`;
  if (peer === undefined || ratio === undefined) return [head, ...lines(names.ours, ours)].join('\n');
  const difference = lossDifference(ours.losses, peer.losses).toExponential(1);
  const fastest = peer.cpu.fastest / ours.cpu.fastest;
  const speeds = `${ratio.wall.toFixed(2)} × the speed of the peer, ${ratio.cpu.toFixed(2)} × in CPU time, ${fastest.toFixed(2)} × between the fastest steps`;
  const verdict = `  ${'ours'.padEnd(16)}   ${speeds}; losses of ${ours.losses.length} steps differ by ${difference} at most, first gradients by ${comparison.gradientDifference?.toExponential(1)}`;
  return [head, ...lines(names.ours, ours), ...lines(names.peer, peer), verdict].join('\n');
}

/** One round, for people who wait. */
export function roundText(
  round: number,
  { ours, peer }: { readonly ours: StepTime; readonly peer?: StepTime },
): string {
  const milliseconds = ({ seconds, cpuSeconds }: StepTime): string =>
    `${(1000 * seconds).toFixed(0)} ms (CPU ${(1000 * cpuSeconds).toFixed(0)})`;
  const both = peer === undefined ? '' : `, peer ${milliseconds(peer)}`;
  return `  round ${round}${round === 0 ? ' (warming up)' : ''}: ours ${milliseconds(ours)}${both}`;
}

/** One engine's speed, for people. */
export function speedText(speed: EngineSpeed): string {
  const name = `  ${speed.engine} on ${speed.device}`.padEnd(20);
  if ('refused' in speed) return `${name} not there: ${speed.refused}`;
  const loss = `loss ${speed.losses[0]!.toFixed(5)} → ${speed.losses.at(-1)!.toFixed(5)} after ${speed.losses.length} steps`;
  return `${name} ${speed.imagesPerSecond.toFixed(1)} images/s, ${loss}`;
}
