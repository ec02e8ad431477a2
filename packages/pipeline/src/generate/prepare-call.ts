import { guidedNetwork, type Network, type Plan, type Scheduler } from '@lascaux/diffusion';
import { check } from '@lascaux/nn';
import type { PromptRow } from '../family/family.js';
import { checkFamilyTakes } from '../options/check-options.js';
import type { ResolvedOptions } from '../options/generate-options.js';
import { inpaintingChannels } from './inpainting-channels.js';
import type { LoadedModel } from './loaded-model.js';
import { withExtraChannels } from '../network/extra-channels.js';
import type { GenerateResult } from './pipeline-types.js';
import type { Source } from './source-picture.js';

/** Everything that the images of one call share. */
export interface PreparedCall {
  readonly options: ResolvedOptions;
  readonly source: Source | undefined;
  readonly scheduler: Scheduler;
  readonly plan: Plan;
  /** The network bound to prompt, size, guidance and mask: latents [C, h, w] in, the same out. */
  readonly network: Network<Float32Array>;
  /** Values of one latent. */
  readonly latentSize: number;
  readonly truncated: GenerateResult['truncated'];
  /** Whether the network was given the mask, so that the sampler need not hold x to the picture. */
  readonly seesMask: boolean;
}

/** What a call asks for, checked. */
export interface CallRequest {
  readonly options: ResolvedOptions;
  /** Whether the caller gave a negative prompt, be it empty. */
  readonly hasNegative: boolean;
  readonly source: Source | undefined;
}

/**
 * Embeds the prompts, lays out the run and binds the network.
 * @throws LascauxError for an option that the model does not have.
 */
export async function prepareCall(loaded: LoadedModel, request: CallRequest): Promise<PreparedCall> {
  const { model, family, denoiser, textEncoders: texts } = loaded;
  const { options, source } = request;
  const { latentChannels, spatialFactor } = model.vaeConfig;
  const distilled = family.hasDistilledGuidance(denoiser);
  checkModelHas(loaded, request, distilled);
  const scheduler = loaded.scheduler(options.sampler);
  const [height, width] = [options.height / spatialFactor, options.width / spatialFactor];
  const plan = scheduler.plan({
    ...family.plan({ scheduler, steps: options.steps, height, width }),
    ...(source && planFrom(source, distilled && scheduler.takesStrength === true)),
  });
  const isGuided = !distilled && options.guidanceScale > 1;
  const rows = promptRows(request, isGuided);
  const { inputs, truncated } = await family.condition({ model, texts, denoiser, options, rows });
  const latentSize = latentChannels * height * width;
  const inpainting = await inpaintingChannels(loaded, source);
  const shape = [latentChannels + (inpainting ? inpainting.length / (height * width) : 0), height, width] as const;
  const { layout } = family;
  const bound = denoiser.bind({ batch: rows.length, inputs, inputShape: layout.inputShape(shape) });
  const mapped = layout.wrap(bound, shape);
  const network = inpainting ? withExtraChannels(mapped, inpainting, latentSize) : mapped;
  return {
    options,
    source,
    scheduler,
    plan,
    network: isGuided ? guidedNetwork(network, options) : network,
    latentSize,
    truncated: { prompt: truncated.at(-1) ?? 0, negativePrompt: isGuided ? (truncated[0] ?? 0) : 0 },
    seesMask: inpainting !== undefined,
  };
}

/** Which steps are kept from a picture: the last ones, or, with latent consistency, all of other timesteps. */
export const planFrom = ({ strength, begin }: Source, takesStrength: boolean) =>
  takesStrength ? { strength } : { begin };

/** [negative, positive] under guidance, [positive] without: guidance of 1 and below is off, as in diffusers. */
function promptRows({ options, hasNegative }: CallRequest, isGuided: boolean): PromptRow[] {
  const positive = { text: options.prompt, absent: false };
  return isGuided ? [{ text: options.negativePrompt, absent: !hasNegative }, positive] : [positive];
}

/** Refuses what would be left out without a word. */
function checkModelHas({ family }: LoadedModel, { options }: CallRequest, distilled: boolean): void {
  checkFamilyTakes(family.name, options);
  check(!distilled || options.negativePrompt === '', {
    option: 'negativePrompt',
    rule: 'this model takes none, its guidance is distilled',
    value: options.negativePrompt,
    kind: 'usage',
  });
}
