/** Storage of samples: 32-bit in use, 64-bit where a computation is checked against exact answers. */
export type FloatArray = Float32Array | Float64Array;

/**
 * One point of the noising process: x = signal · x0 + sigma · noise.
 *
 * Variance preserving: signal² + sigma² = 1 (DDPM, DDIM, PNDM, DPM-Solver, UniPC, LCM).
 * Variance exploding: signal = 1 (Euler, Heun). Flow matching: signal = 1 − sigma.
 * Why: docs/decisions/0021.
 */
export interface NoiseLevel {
  /** Input of the network; may be fractional. */
  readonly timestep: number;
  readonly signal: number;
  readonly sigma: number;
  /** The network sees inputScale · x (Karras et al. 2022, c_in). */
  readonly inputScale: number;
}

/** One call of the network and the move that follows it. */
export interface PlanStep {
  readonly from: NoiseLevel;
  readonly to: NoiseLevel;
  /** Where the network is evaluated, when that is not `from` (the warm-up of PNDM). */
  readonly at?: NoiseLevel;
}

/** A run laid out in advance: the schedule role, as plain data. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Unit Gaussian noise times this is the x to start from when `begin` is 0. */
  readonly initialNoiseScale: number;
  /** Number of leading steps that were dropped (image-to-image). */
  readonly begin: number;
}

/** Result of a denoiser. */
export interface Denoised<A extends FloatArray = FloatArray> {
  /** The estimate of x0. */
  readonly denoised: A;
  /** The estimate of the unit Gaussian noise in x. */
  readonly noise: A;
  /** The network's own output, in whatever terms it predicts. */
  readonly output: A;
  /** The predicted variance of networks that have one: the second half of their channels. */
  readonly variance?: A;
}

/** A network: scaled input and timestep to output; conditioning is held in its closure. */
export type Network<A extends FloatArray = FloatArray> = (input: A, timestep: number) => A | Promise<A>;

/** A denoiser: x at a noise level to the estimates of x0 and noise, whatever the network predicts. */
export type Denoiser<A extends FloatArray = FloatArray> = (
  x: A,
  level: NoiseLevel,
) => Denoised<A> | Promise<Denoised<A>>;

/** Gives `size` unit Gaussian values; called once for every draw, in step order. */
export type NoiseSource = (size: number) => FloatArray;

/** What the progress callback sees after a step. */
export interface SamplerProgress<A extends FloatArray = FloatArray> {
  /** Steps done, 1 … steps. */
  readonly step: number;
  /** Steps of the plan; PNDM has one more than was asked for, its repeated first step. */
  readonly steps: number;
  /** The timestep at which the network was evaluated. */
  readonly timestep: number;
  /** The sample after the step. */
  readonly x: A;
  /** The estimate of x0 of this step (a preview). */
  readonly denoised: A;
}

/** Options that every sampler takes. */
export interface SamplerRun<A extends FloatArray = FloatArray> {
  readonly plan: Plan;
  /** Needed by the samplers that draw noise. */
  readonly noiseSource?: NoiseSource;
  readonly onStep?: (progress: SamplerProgress<A>) => void | Promise<void>;
  /**
   * Called after every network call with the level at which x is seen next, after the last one with a level without noise; its answer
   * replaces x (inpainting).
   */
  readonly constrain?: (x: A, level: NoiseLevel) => A;
  /** Looked at between steps; the run rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A sampler: a pure function of denoiser, start and plan. It keeps nothing between calls. */
export type Sampler<Options = object> = <A extends FloatArray>(
  denoiser: Denoiser<A>,
  x: A,
  run: SamplerRun<A> & Options,
) => Promise<A>;
