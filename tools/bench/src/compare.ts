import { flopsOf } from '@lascaux/training';
import { sizeOf } from '@lascaux/nn';
import type { Duration } from './clock.js';
import type { BenchNetwork } from './networks.js';
import { gradientDifference } from './differences.js';
import { SIDE } from './product.js';
import { median } from './statistics.js';
import type { StepTime, Trainer } from './trainer.js';

/** Speeds by one clock; medians over the rounds. */
export interface Speed {
  readonly secondsPerStep: number;
  /** Of the fastest step, the one that other programs disturbed least. */
  readonly fastest: number;
  readonly imagesPerSecond: number;
  /** Floating-point operations per second in steps, and in a product of large matrices. */
  readonly flopsPerSecond: number;
  readonly limit: number;
}

/** How fast one trainer was by the clock on the wall and in processor time. */
export interface TrainerFigures {
  readonly wall: Speed;
  readonly cpu: Speed;
  readonly losses: readonly number[];
}

/** Two trainers on the same network in the same run. */
export interface Comparison {
  readonly network: string;
  readonly parameters: number;
  readonly batchSize: number;
  /** Of one step, counted in its products and convolutions; the same count stands for both. */
  readonly flops: number;
  readonly rounds: number;
  readonly ours: TrainerFigures;
  readonly peer?: TrainerFigures;
  /** Peer's seconds over ours, median of the rounds' ratios: above 1 we are faster. */
  readonly ratio?: { readonly wall: number; readonly cpu: number };
  /** How far the gradients of the first step are apart; see `gradientDifference`. */
  readonly gradientDifference?: number;
}

/** Who takes part, and how often. */
export interface CompareOptions {
  readonly ours: Trainer;
  readonly peer: Trainer | undefined;
  /** Rounds that count; one more comes first. */
  readonly rounds: number;
  /** Told of every round, the first one (0) too. */
  readonly onRound?: (round: number, steps: { readonly ours: StepTime; readonly peer?: StepTime }) => void;
}

interface Rounds {
  readonly steps: StepTime[];
  readonly products: Duration[];
}

type Clock = keyof Duration;

function speed(
  { steps, products }: Rounds,
  clock: Clock,
  { batchSize, flops }: { batchSize: number; flops: number },
): Speed {
  const seconds = counted(steps).map((step) => step[clock]);
  const secondsPerStep = median(seconds);
  return {
    secondsPerStep,
    fastest: Math.min(...seconds),
    imagesPerSecond: batchSize / secondsPerStep,
    flopsPerSecond: flops / secondsPerStep,
    limit: (2 * SIDE ** 3) / median(products.map((product) => product[clock])),
  };
}

/** The first step warms up. */
const counted = (steps: readonly StepTime[]): readonly StepTime[] => steps.slice(1);

const ratioOf = (ours: Rounds, peer: Rounds, clock: Clock): number =>
  median(counted(peer.steps).map((step, i) => step[clock] / counted(ours.steps)[i]![clock]));

/** Lets trainers take turns, step by step and product by product, so that what else runs on the machine hits all alike. */
export async function compare(
  network: BenchNetwork,
  { ours, peer, rounds, onRound }: CompareOptions,
): Promise<Comparison> {
  const none = (): Rounds => ({ steps: [], products: [] });
  const turns = [ours, ...(peer === undefined ? [] : [peer])].map((trainer) => ({ trainer, done: none() }));
  let apart: number | undefined;
  for (let round = 0; round <= rounds; round++) {
    for (const { trainer, done } of turns) done.steps.push(await trainer.step());
    if (round === 0 && peer !== undefined)
      apart = gradientDifference(await ours.firstGradients(), await peer.firstGradients());
    const [mine, theirs] = turns.map(({ done }) => done.steps.at(-1)!);
    onRound?.(round, { ours: mine!, ...(theirs === undefined ? {} : { peer: theirs }) });
    for (const { trainer, done } of turns) done.products.push(await trainer.product());
  }
  const sizes = { batchSize: network.batchSize, flops: flopsOf(network.step.program) };
  const figures = turns.map(({ done }) => ({
    wall: speed(done, 'seconds', sizes),
    cpu: speed(done, 'cpuSeconds', sizes),
    losses: done.steps.map(({ loss }) => loss),
  }));
  const [first, second] = turns.map(({ done }) => done);
  return {
    network: network.name,
    parameters: network.step.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ...sizes,
    rounds,
    ours: figures[0]!,
    ...(second === undefined
      ? {}
      : {
          peer: figures[1]!,
          ratio: { wall: ratioOf(first!, second, 'seconds'), cpu: ratioOf(first!, second, 'cpuSeconds') },
          gradientDifference: apart!,
        }),
  };
}
