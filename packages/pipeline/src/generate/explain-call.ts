import type { NoiseLevel, Scheduler } from '@lascaux/diffusion';
import { promptTokens, type TextEncoder } from '@lascaux/text-encoder';
import type { ResolvedOptions } from '../options/generate-options.js';
import type { LoadedModel } from './loaded-model.js';
import { planFrom } from './prepare-call.js';
import type { Source } from './source-picture.js';

/** A token of a prompt as the text encoder reads it. */
export interface ExplainedToken {
  readonly id: number;
  /** What it stands for; its number where the tokenizer cannot say. */
  readonly text: string;
  readonly weight: number;
}

/** One point of the noising process: x = signal · x0 + sigma · noise. */
export type ExplainedLevel = Pick<NoiseLevel, 'timestep' | 'signal' | 'sigma'>;

/** How an image of a call comes about. */
export interface CallExplanation {
  /** The sequences of the prompt in the model's first text encoder, without padding. */
  readonly tokens: readonly (readonly ExplainedToken[])[];
  /** Tokens that do not fit. */
  readonly truncated: number;
  /** The levels of training, from little noise to much, thinned out. */
  readonly schedule: readonly ExplainedLevel[];
  /** Where the sampler asks the network, in order. */
  readonly evaluated: readonly ExplainedLevel[];
  /** Channels, height and width of the latent. */
  readonly latent: readonly [channels: number, height: number, width: number];
}

/** Points of the training's levels that are told. */
const POINTS = 200;

/** What happens in a call, without painting. */
export function explainCall(
  loaded: LoadedModel,
  { options, source }: { readonly options: ResolvedOptions; readonly source: Source | undefined },
): CallExplanation {
  const { model, family, denoiser, textEncoders } = loaded;
  const { latentChannels, spatialFactor } = model.vaeConfig;
  const [height, width] = [options.height / spatialFactor, options.width / spatialFactor];
  const scheduler = loaded.scheduler(options.sampler);
  const takesStrength = family.hasDistilledGuidance(denoiser) && scheduler.takesStrength === true;
  const { steps } = scheduler.plan({
    ...family.plan({ scheduler, steps: options.steps, height, width }),
    ...(source && planFrom(source, takesStrength)),
  });
  const [encoder] = Object.values(textEncoders);
  return {
    ...(encoder === undefined ? { tokens: [], truncated: 0 } : tokensOf(encoder, options)),
    schedule: scheduleOf(scheduler),
    evaluated: steps.map(({ from, at = from }) => levelOf(at)),
    latent: [latentChannels, height, width],
  };
}

const levelOf = ({ timestep, signal, sigma }: NoiseLevel): ExplainedLevel => ({ timestep, signal, sigma });

function scheduleOf({ levelAt, config }: Scheduler): readonly ExplainedLevel[] {
  const { num_train_timesteps: total = 1000 } = config as { num_train_timesteps?: number };
  const count = Math.min(POINTS, total);
  return Array.from({ length: count }, (_, index) => {
    const timestep = Math.round((index * (total - 1)) / Math.max(1, count - 1));
    return { ...levelOf(levelAt(timestep)), timestep };
  });
}

function tokensOf({ tokenizer }: TextEncoder, { prompt, promptSyntax: syntax }: ResolvedOptions) {
  const { chunks, truncated } = promptTokens(tokenizer, prompt, { syntax });
  const textOf = (id: number): string => {
    if (id === tokenizer.startId) return 'start';
    if (id === tokenizer.endId) return 'end';
    return tokenizer.decode?.([id]) ?? String(id);
  };
  const tokens = chunks.map(({ ids, weights }) => {
    const end = ids.indexOf(tokenizer.endId, 1);
    const kept = end < 0 ? ids : ids.slice(0, end + 1);
    return kept.map((id, index) => ({ id, text: textOf(id), weight: weights[index]! }));
  });
  return { tokens, truncated };
}
