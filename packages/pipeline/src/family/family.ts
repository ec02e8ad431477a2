import type { PlanOptions, Scheduler } from '@lascaux/diffusion';
import type { ModelFolder, TextComponent } from '@lascaux/models';
import type { TextEncoder } from '@lascaux/text-encoder';
import type { Tensor } from 'onnxruntime-common';
import type { FamilyName } from '../options/family-name.js';
import type { ResolvedOptions } from '../options/generate-options.js';
import type { DenoiserSession } from '../network/denoiser-session.js';
import type { LatentLayout } from './layout.js';

/** A text encoder that a family knows. */
export interface TextNeed {
  readonly component: TextComponent;
  /** Whether the family runs without it. */
  readonly optional?: boolean;
  /** Length of its sequences where the graph leaves it open. */
  readonly maxLength?: number;
  /** How many embeddings are kept; those of T5 are megabytes each. */
  readonly cacheSize?: number;
  /** Whether it sees padding; default: what its own config says. */
  readonly attendPadding?: boolean;
}

/** The loaded text encoders of a model. */
export type TextEncoders = Readonly<Partial<Record<TextComponent, TextEncoder>>>;

/** What one image of the network's batch is told. */
export interface PromptRow {
  readonly text: string;
  /** Nobody asked for this text: it stands for "no negative prompt", which some models want as zeros. */
  readonly absent: boolean;
}

/** What conditioning is made from. */
export interface ConditioningCall {
  readonly model: ModelFolder;
  readonly texts: TextEncoders;
  readonly denoiser: DenoiserSession;
  readonly options: ResolvedOptions;
  /** The negative prompt first under guidance, the prompt last. */
  readonly rows: readonly PromptRow[];
}

/** What the denoiser is told for a whole run. */
export interface Conditioning {
  /** Its inputs besides latent and timestep, by name, as float32; those that the graph does not declare are left out. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** How many tokens of each row did not fit. */
  readonly truncated: readonly number[];
}

/** What a plan is made from. */
export interface PlanCall {
  readonly scheduler: Scheduler;
  readonly steps: number;
  /** Of the latent. */
  readonly height: number;
  readonly width: number;
}

/** A parsed `scheduler_config.json`. */
export type SchedulerConfig = Readonly<Record<string, unknown>>;

/**
 * A family of models: what its denoiser is told and how, everything else being the same for all of them. Which family a
 * folder is of is read off its configuration, see `familyOf`.
 */
export interface Family {
  readonly name: FamilyName;
  readonly texts: readonly TextNeed[];
  /** The inputs of the denoiser that this family fills, besides latent and timestep. */
  readonly inputs: readonly string[];
  /** What diffusers' pipeline of the family does where the caller says nothing; `latentSide` where no configuration says a size. */
  readonly defaults: { readonly steps: number; readonly guidanceScale: number; readonly latentSide: number };
  /** Whether its models are trained at one size, or at many shapes of about as many pixels. */
  readonly trainedAt: 'one size' | 'many shapes';
  readonly layout: LatentLayout;
  /** Whether guidance is an input of this network, so that it is run on the prompt alone. */
  readonly hasDistilledGuidance: (denoiser: DenoiserSession) => boolean;
  readonly condition: (call: ConditioningCall) => Promise<Conditioning>;
  readonly plan: (call: PlanCall) => PlanOptions;
  /** The scheduler's configuration as the family's pipeline in diffusers corrects it; default: as it is. */
  readonly schedulerConfig?: (config: SchedulerConfig) => SchedulerConfig;
  /** Leading steps that painting from a picture leaves out. */
  readonly leadingSteps: (steps: number, strength: number) => number;
}
