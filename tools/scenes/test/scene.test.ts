import { describe, expect, it } from 'vitest';
import { createSceneMaker, heldOutLooks, loadNouns, LOOKS, lookKey, SceneOptions, type Scene } from '@lascaux/scenes';

const nouns = loadNouns('everyday');
const scenes = (
  count: number,
  input: Parameters<typeof SceneOptions.parse>[0],
  split: 'train' | 'test' = 'train',
): Scene[] => {
  const maker = createSceneMaker(nouns, SceneOptions.parse(input));
  return Array.from({ length: count }, (_, index) => maker.scene(7, index, split));
};
const share = (all: readonly Scene[], test: (scene: Scene) => boolean): number => all.filter(test).length / all.length;
/** Four standard deviations of a share p over n scenes. */
const within = (p: number, n: number): number => 4 * Math.sqrt((p * (1 - p)) / n);

describe('held-out looks', () => {
  it('are a tenth of each noun’s looks, never the plain one, and another tenth for another seed', () => {
    expect(LOOKS.length).toBe(36);
    for (const { word } of nouns) {
      const held = heldOutLooks(word, 0);
      expect(held.size).toBe(4);
      expect(held.has('fluent/white')).toBe(false);
    }
    expect(heldOutLooks('cat', 0)).toEqual(heldOutLooks('cat', 0));
    expect(heldOutLooks('cat', 0)).not.toEqual(heldOutLooks('cat', 1));
    expect(heldOutLooks('cat', 0)).not.toEqual(heldOutLooks('dog', 0));
  });

  it('never appear in train, and begin every test scene', () => {
    const options = { singles: 1, several: 1, relations: 1 };
    const isHeld = (scene: Scene, k: number): boolean => heldOutLooks(scene.items[k]!.word, 0).has(lookKey(scene));
    for (const scene of scenes(3000, options)) expect(scene.items.some((_, k) => isHeld(scene, k))).toBe(false);
    const test = scenes(3000, options, 'test');
    for (const scene of test) expect(isHeld(scene, 0)).toBe(true);
    expect(new Set(test.map((scene) => scene.items[0]!.word)).size).toBe(120);
  });
});

describe('scenes', () => {
  it('are pure functions of seed and index', () => {
    const maker = createSceneMaker(nouns, SceneOptions.parse({ jitter: 1, singles: 1, several: 1, relations: 1 }));
    const late = maker.scene(3, 1_000_000);
    expect(
      createSceneMaker(nouns, SceneOptions.parse({ jitter: 1, singles: 1, several: 1, relations: 1 })).scene(
        3,
        1_000_000,
      ),
    ).toEqual(late);
    expect(maker.scene(4, 1_000_000)).not.toEqual(late);
  });

  it('are centred at 0.85 without jitter', () => {
    for (const { items } of scenes(50, {}))
      expect(items).toMatchObject([{ x: 0.5, y: 0.5, scale: 0.85, mirrored: false }]);
  });

  it('fill 0.55 to 0.95 of the frame and stay inside it with full jitter', () => {
    const items = scenes(4000, { jitter: 1 }).map((scene) => scene.items[0]!);
    const scale = items.map((item) => item.scale);
    expect(Math.min(...scale)).toBeGreaterThanOrEqual(0.55);
    expect(Math.max(...scale)).toBeLessThanOrEqual(0.95);
    expect(Math.max(...scale) - Math.min(...scale)).toBeGreaterThan(0.38);
    for (const { x, y, scale: side } of items) {
      for (const centre of [x, y]) {
        expect(centre - side / 2).toBeGreaterThanOrEqual(-2e-4);
        expect(centre + side / 2).toBeLessThanOrEqual(1 + 2e-4);
      }
    }
    expect(items.some(({ x, scale: side }) => x - side / 2 < 0.01)).toBe(true);
  });

  it('follow the weights of style, ground, kind and mirroring', () => {
    const all = scenes(6000, {
      mirror: 0.25,
      white: 0.4,
      styles: { fluent: 2, noto: 1, twemoji: 1 },
      singles: 2,
      several: 1,
      relations: 1,
    });
    expect(Math.abs(share(all, (s) => s.style === 'fluent') - 0.5)).toBeLessThan(within(0.5, 6000) + 0.03); // held-out looks shift it
    expect(Math.abs(share(all, (s) => s.ground === 'white') - 0.4)).toBeLessThan(within(0.4, 6000) + 0.03);
    expect(Math.abs(share(all, (s) => s.kind === 'single') - 0.5)).toBeLessThan(within(0.5, 6000));
    expect(Math.abs(share(all, (s) => s.items[0]!.mirrored) - 0.25)).toBeLessThan(within(0.25, 6000));
  });

  it('put two or three of one noun apart, and counted nouns only', () => {
    for (const { items } of scenes(500, { singles: 0, several: 1, jitter: 1 })) {
      expect([2, 3]).toContain(items.length);
      expect(new Set(items.map((item) => item.word)).size).toBe(1);
      expect(['grapes', 'cherries', 'corn', 'scissors']).not.toContain(items[0]!.word);
      for (const [i, a] of items.entries()) {
        for (const b of items.slice(i + 1)) {
          const gap = Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) - (a.scale + b.scale) / 2;
          expect(gap).toBeGreaterThan(-0.04); // boxes overlap by no more than the drawings' margins
        }
      }
    }
  });

  it('place relations where the words say', () => {
    for (const { relation, items } of scenes(500, { singles: 0, relations: 1, jitter: 1 })) {
      const [a, b] = items as [(typeof items)[0], (typeof items)[0]];
      expect(a.word).not.toBe(b.word);
      if (relation === 'to the left of') expect(a.x).toBeLessThan(b.x);
      if (relation === 'to the right of') expect(a.x).toBeGreaterThan(b.x);
      if (relation === 'above') expect(a.y).toBeLessThan(b.y);
      if (relation === 'below') expect(a.y).toBeGreaterThan(b.y);
      if (relation === 'next to') expect(Math.abs(a.x - b.x)).toBeGreaterThan(0.3);
    }
  });

  it('leave faint looks out', () => {
    const stars = nouns.filter((noun) => noun.word === 'star');
    const faint = new Map([['star', new Set(['fluent/yellow', 'noto/yellow'])]]);
    const maker = createSceneMaker(stars, SceneOptions.parse({ white: 0 }), faint);
    for (let i = 0; i < 500; i++) expect(faint.get('star')!.has(lookKey(maker.scene(0, i)))).toBe(false);
  });

  it('say which options leave nothing to show', () => {
    const make = (input: object, list = nouns) => createSceneMaker(list, SceneOptions.parse(input));
    expect(() => make({ singles: 0 })).toThrow('got all 0');
    expect(() => make({ styles: { fluent: 0, noto: 0, twemoji: 0 } })).toThrow('some style and some ground');
    expect(() => make({ relations: 1 }, nouns.slice(0, 1))).toThrow('relations needs 2 nouns, got 1');
    expect(() => make({ white: 1, styles: { fluent: 1, noto: 0, twemoji: 0 } }).scene(0, 0, 'test')).toThrow(
      'the test split must have',
    );
    expect(() => make({ jiter: 1 })).toThrow('jiter');
    expect(() => make({ jitter: 2 })).toThrow();
  });
});
