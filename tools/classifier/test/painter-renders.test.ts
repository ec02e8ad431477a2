import { describe, expect, it } from 'vitest';
import { flopsOf, muon } from '@lascaux/training';
import { sizeOf } from '@lascaux/nn';
import { classifierStep, halved, judgeConfigs, painterRenders, QUARTER_SIDE } from '@lascaux/classifier';
import type { Atlas } from '@lascaux/scenes';

/** Drawings that are flat squares: red, green, blue. */
const flat: Atlas = {
  emojis: ['rose', 'tree', 'sea'].map((label) => ({ label }) as Atlas['emojis'][number]),
  drawing: (index, _, side) => {
    const rgba = new Uint8Array(side * side * 4);
    for (let i = 0; i < rgba.length; i += 4) {
      rgba[i + index] = 200;
      rgba[i + 3] = 255;
    }
    return rgba;
  },
  close: () => undefined,
};

describe('renders for the judges of the painter', () => {
  const renders = painterRenders(flat, 5);

  it('show one drawing, at the size of a quarter of an image, whichever it was drawn at', async () => {
    for (let i = 0; i < 40; i++) {
      const { bytes, noun } = await renders.render(i, QUARTER_SIDE);
      expect(bytes).toHaveLength(QUARTER_SIDE * QUARTER_SIDE * 3);
      expect(renders.nouns).toContain(noun);
      // A drawing of 104 to 112 pixels, at most 4 from the middle: its inside is flat, the corner is ground.
      const at = (x: number, y: number) => [...bytes.subarray((y * QUARTER_SIDE + x) * 3).subarray(0, 3)];
      expect(at(20, 20)).toEqual(at(108, 108));
      expect(at(2, 2)).toEqual(at(125, 125));
    }
  });

  it('are the same for a seed, others for another', async () => {
    const twice = await Promise.all([renders.render(7, QUARTER_SIDE), painterRenders(flat, 5).render(7, QUARTER_SIDE)]);
    expect(twice[0]).toEqual(twice[1]);
    const others = painterRenders(flat, 6);
    const nouns = async (from: typeof renders) =>
      Promise.all(Array.from({ length: 20 }, async (_, i) => (await from.render(i, QUARTER_SIDE)).noun));
    expect(await nouns(others)).not.toEqual(await nouns(renders));
  });

  it('are halved by the mean of four pixels', () => {
    const image = new Uint8Array(256 * 256 * 3);
    image.set([10, 0, 0, 20, 0, 0], 0);
    image.set([30, 0, 0, 41, 0, 0], 256 * 3);
    // (10 + 20 + 30 + 41) / 4 = 25.25
    expect([...halved(image).subarray(0, 4)]).toEqual([25, 0, 0, 0]);
  });
});

describe('the judges', () => {
  const nouns = Array.from({ length: 1543 }, (_, i) => `noun ${i}`);
  it.each([
    ['convolutions', 1_628_487, 182.9],
    ['transformer', 3_126_336, 430.8],
  ] as const)('by %s have the size that their documentation says', (name, parameters, megaflops) => {
    const step = classifierStep({ config: judgeConfigs[name](nouns), batchSize: 64, optimizer: muon() });
    expect(step.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(parameters);
    // Forward and backward are three times the forward pass; the optimiser's share of a batch comes on top.
    expect(flopsOf(step.program) / 64 / 3 / 1e6).toBeCloseTo(megaflops, 1);
  });
});
