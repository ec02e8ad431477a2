import { computed, effect, signal } from '@preact/signals';
import type { ModelFacts } from '../backend/backend.js';

/** What is chosen for the next picture. */
export interface Settings {
  readonly model: string;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  /** Whether the seed stays from picture to picture. */
  readonly isSeedLocked: boolean;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly sampler: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly strength: number;
  /** How often a picture is shown while it is painted. */
  readonly previews: PreviewChoice;
}

/** How often a picture is shown while it is painted. */
export type PreviewChoice = 'every step' | 'three' | 'none';

/** Seeds that are drawn have up to ten digits, for people who copy them by hand. */
const LARGEST_DRAWN = 2 ** 32;
const STORED_AS = 'lascaux-settings';

/** A seed that nobody chose. */
export const drawSeed = (): number => Math.floor(Math.random() * LARGEST_DRAWN);

const first: Settings = {
  model: '',
  prompt: '',
  negativePrompt: '',
  seed: drawSeed(),
  isSeedLocked: false,
  steps: 20,
  guidanceScale: 1,
  sampler: '',
  width: 0,
  height: 0,
  count: 1,
  strength: 0.7,
  previews: 'every step',
};

/** The models that can be chosen; none until they are known. */
export const models = signal<readonly ModelFacts[]>([]);
/** What is chosen. */
export const settings = signal<Settings>({ ...first, ...stored() });
/** The facts of the chosen model. */
export const model = computed(() => models.value.find(({ id }) => id === settings.value.model) ?? models.value[0]);

effect(() => localStorage.setItem(STORED_AS, JSON.stringify(settings.value)));

/** Changes some of the settings. */
export function change(some: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...some };
}

/** Chooses a model with the settings that it recommends. */
export function chooseModel(id: string): void {
  const chosen = models.value.find((candidate) => candidate.id === id);
  if (chosen !== undefined) change({ model: id, previews: previewsOf(chosen), ...chosen.defaults });
}

/** Takes note of the models; the settings fall to the first one's where theirs is not among them. */
export function offer(found: readonly ModelFacts[]): void {
  models.value = found;
  const [fallback] = found;
  if (fallback !== undefined && !found.some(({ id }) => id === settings.value.model)) chooseModel(fallback.id);
}

/** A preview is decoded like a picture, which takes a large model as long as a step. */
const SMALL = 256 * 256;
const previewsOf = ({ defaults: { width, height } }: ModelFacts): PreviewChoice =>
  width * height <= SMALL ? 'every step' : 'three';

function stored(): Partial<Settings> {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS) ?? '{}') as Partial<Settings>;
  } catch {
    return {};
  }
}
