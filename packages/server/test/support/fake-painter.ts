import { setTimeout as wait } from 'node:timers/promises';
import type { PaintCalls, PaintedImage, Painter, PaintRequest } from '../../src/painting/painter.js';
import { hasPreview } from '@lascaux/pipeline/options';
import type { ServedModel } from '../../src/painting/served-model.js';

/** A painter without a network. */
export interface FakePainter extends Painter {
  /** As if its process had ended. */
  break(): void;
  readonly requests: PaintRequest[];
}

/** Paints images of one colour, which is the seed's. */
export function fakePainter({
  milliseconds = 0,
  onDispose = () => undefined,
}: { milliseconds?: number; onDispose?: () => void } = {}): FakePainter {
  let settle: () => void = () => undefined;
  const broken = new Promise<void>((resolve) => (settle = resolve));
  const requests: PaintRequest[] = [];
  return {
    broken,
    break: settle,
    requests,
    paint: async (request, calls) => {
      requests.push(request);
      return paint(request, milliseconds, calls);
    },
    explain: async (request) => {
      requests.push(request);
      const levels = [{ timestep: 0, signal: 1, sigma: 0 }];
      return Promise.resolve({ tokens: [], truncated: 0, schedule: levels, evaluated: levels, latent: [4, 1, 1] });
    },
    dispose: async () => Promise.resolve(onDispose()),
  };
}

async function paint(request: PaintRequest, milliseconds: number, calls: PaintCalls = {}): Promise<PaintedImage> {
  const { prompt, seed = 0, width = 8, height = 8, steps = 4, guidanceScale = 2, negativePrompt = '' } = request;
  const image = { width, height, pixels: new Uint8Array(width * height * 3).fill(seed % 256) };
  for (let step = 1; step <= steps; step++) {
    calls.signal?.throwIfAborted();
    if (milliseconds > 0) await wait(milliseconds / steps);
    const preview = hasPreview({ step, steps }, calls.previews ?? 0) ? image : undefined;
    calls.onStep?.({ step, steps, preview });
  }
  const usual = { guidanceRescale: 0, clipSkip: 1, promptSyntax: 'a1111', count: 1 } as const;
  const sampler = request.sampler ?? 'ddim';
  const options = { ...usual, prompt, negativePrompt, seed, steps, guidanceScale, sampler, width, height };
  const parameters = `${prompt}\nSteps: ${steps}, Sampler: ${sampler}, CFG scale: ${guidanceScale}, Seed: ${seed}, Size: ${width}x${height}`;
  const notes = prompt.includes('qwertz') ? [{ option: 'prompt', text: '"qwertz" is not known' } as const] : [];
  return { image, seed, options, parameters, notes };
}

/** A model that is not there. */
export function fakeModel({ name = 'tiny', memory = 1 }: { name?: string; memory?: number } = {}): ServedModel {
  return {
    name,
    memory,
    folder: `models/${name}`,
    created: 1_700_000_000,
    defaults: { steps: 4, guidanceScale: 2, sampler: 'ddim', width: 8, height: 8 },
    sizes: { multiple: 2 },
  };
}
