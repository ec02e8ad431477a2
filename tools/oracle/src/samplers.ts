import { addNoise, type FloatArray, type NoiseLevel } from '@lascaux/diffusion';
import { velocityTarget } from '@lascaux/diffusion/denoiser';
import { type CaseResult, failure, magnitude, WorstError } from './case-result.js';
import { casesOf, type SamplerCase, type SamplerSection } from './formats.js';
import { type Replay, replay } from './replay-sampler.js';

interface Precision {
  readonly key: 'f32' | 'f64';
  readonly tolerance: number;
  /** Of fractional timesteps, which depend on rounding in 32 bits. */
  readonly timestepTolerance: number;
  readonly make: (values: number[]) => FloatArray;
}

const precisions: readonly Precision[] = [
  { key: 'f64', tolerance: 1e-10, timestepTolerance: 1e-8, make: (values) => Float64Array.from(values) },
  { key: 'f32', tolerance: 1e-4, timestepTolerance: 0.01, make: (values) => Float32Array.from(values) },
];

/** Runs a sampler_*.json file: every step of every case in both precisions. Errors are relative to the largest value. */
export async function runSamplers(json: unknown): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const oracle of casesOf<SamplerCase>(json)) {
    for (const precision of precisions) {
      const section = oracle[precision.key];
      if (section) results.push(await runCase(oracle, section, precision));
    }
  }
  return results;
}

/** A case in one precision. */
interface Task {
  readonly oracle: SamplerCase;
  readonly section: SamplerSection;
  readonly precision: Precision;
}

async function runCase(oracle: SamplerCase, section: SamplerSection, precision: Precision): Promise<CaseResult> {
  const id = `${oracle.id} ${precision.key}`;
  try {
    const run = await replay(oracle, section, precision.make);
    const worst = new WorstError(id, precision.tolerance);
    compareConfig(worst, run, oracle);
    comparePlan(worst, run, { oracle, section, precision });
    compareTrajectory(worst, run, section);
    compareForward(worst, run, { oracle, section, precision });
    return worst.result();
  } catch (cause) {
    return failure(id, cause);
  }
}

function compareConfig(worst: WorstError, { scheduler: { config } }: Replay, oracle: SamplerCase): void {
  for (const [key, expected] of Object.entries(oracle.config)) {
    const got = config[key];
    const same = JSON.stringify(got) === JSON.stringify(expected) || (got === -Infinity && expected === '-inf');
    if (!same) worst.note(`config key ${key}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`, Infinity);
  }
}

function comparePlan(worst: WorstError, run: Replay, { oracle, section, precision }: Task): void {
  const { plan, timesteps } = run;
  const begin = oracle.begin_index ?? 0;
  worst.compare('timesteps', {
    got: timesteps,
    expected: section.timesteps.slice(begin),
    tolerance: precision.timestepTolerance,
  });
  if (section.init_noise_sigma !== null) {
    worst.compare('initial noise scale', {
      got: [plan.initialNoiseScale],
      expected: [section.init_noise_sigma],
      scale: magnitude([plan.initialNoiseScale]),
    });
  }
  if (section.sigmas) {
    const got = [...plan.steps.map(({ from }) => from), plan.steps.at(-1)!.to].map(noiseToSignal(run));
    const listed = section.sigmas.slice(begin);
    // Heun's list repeats a sigma for its second call; the reference may also list one after the last that it uses.
    const expected = (oracle.scheduler.startsWith('Heun') ? dropRepeats(listed) : listed).slice(0, got.length);
    worst.compare('sigmas', { got, expected, scale: magnitude(expected) });
  }
}

/** Sigma as diffusers lists it: the noise-to-signal ratio, except along straight lines. */
function noiseToSignal({ scheduler: { className, config } }: Replay): (level: NoiseLevel) => number {
  const straight = className.startsWith('FlowMatch') || config.use_flow_sigmas === true;
  return ({ signal, sigma }) => (straight ? sigma : sigma / signal);
}

function dropRepeats(values: number[]): number[] {
  return values.filter((value, i) => i === 0 || value !== values[i - 1]);
}

function compareTrajectory(worst: WorstError, run: Replay, section: SamplerSection): void {
  const scale = magnitude(section.initial_sample, ...section.prev_samples);
  worst.compare('initial sample', { got: run.initial, expected: section.initial_sample, scale });
  const [, ...reached] = run.states;
  worst.note(
    `${reached.length} network calls, not ${section.prev_samples.length}`,
    reached.length === section.prev_samples.length ? 0 : Infinity,
  );
  section.prev_samples.forEach((sample, i) =>
    worst.compare(`sample after call ${i}`, { got: reached[i] ?? [], expected: sample, scale }),
  );
  worst.compare('final sample', { got: run.states.at(-1)!, expected: section.final_sample, scale });
  worst.note('draws left over', run.drawsLeft);
  // Where every step is one call, the preview counts: a sampler may still have changed x (churn).
  const estimates = run.previews.length === section.prev_samples.length ? run.previews : run.estimates;
  for (const { i, scaled_input: input, pred_original_sample: x0, denoised } of section.trace) {
    worst.compare(`network input ${i}`, { got: run.inputs[i] ?? [], expected: input, scale: magnitude(input) });
    if (x0) worst.compare(`x0 estimate ${i}`, { got: estimates[i] ?? [], expected: x0, scale: magnitude(x0) });
    if (denoised)
      worst.compare(`denoised ${i}`, { got: run.previews[i] ?? [], expected: denoised, scale: magnitude(denoised) });
  }
}

function compareForward(worst: WorstError, { scheduler }: Replay, { oracle, section, precision }: Task): void {
  const { make } = precision;
  const { forward } = section;
  if (!forward) return;
  const { timesteps, x0, noise } = oracle.forward_inputs;
  const size = x0.length / timesteps.length;
  const level = forwardLevels(oracle, section, scheduler);
  const each = (apply: (x0: FloatArray, noise: FloatArray, at: NoiseLevel) => FloatArray) =>
    timesteps.flatMap((t, k) => {
      const part = (values: number[]) => make(values.slice(k * size, (k + 1) * size));
      return [...apply(part(x0), part(noise), level(t))];
    });
  const noised = forward.add_noise ?? forward.scale_noise;
  if (noised) worst.compare('forward noising', { got: each(addNoise), expected: noised, scale: magnitude(noised) });
  if (forward.get_velocity) {
    worst.compare('velocity', {
      got: each(velocityTarget),
      expected: forward.get_velocity,
      scale: magnitude(forward.get_velocity),
    });
  }
}

/** Levels by timestep: of the training schedule, or, where sigmas are listed, of the steps of the run. */
function forwardLevels(oracle: SamplerCase, section: SamplerSection, scheduler: Replay['scheduler']) {
  if (!section.sigmas) return scheduler.levelAt;
  const { num_inference_steps: steps, timesteps, sigmas, mu } = oracle.set_timesteps;
  const levels = scheduler.plan({ steps, timesteps, sigmas, mu }).steps.map(({ from }) => from);
  return (t: number): NoiseLevel =>
    levels.reduce((best, level) => (Math.abs(level.timestep - t) <= Math.abs(best.timestep - t) ? level : best));
}
