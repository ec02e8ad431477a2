import { describe, expect, it } from 'vitest';
import {
  createRenderer,
  drawOver,
  findFaintLooks,
  groundNamed,
  loadNouns,
  visibleShare,
  type Drawing,
  type Placement,
  type Scene,
} from '@lascaux/scenes';

const nouns = loadNouns('everyday');

/** A drawing from [r, g, b, alpha] pixels, not premultiplied. */
const drawingOf = (pixels: number[][]): Drawing => ({
  side: Math.sqrt(pixels.length),
  rgba: Float32Array.from(pixels.flatMap(([r, g, b, a]) => [r! * a!, g! * a!, b! * a!, a!])),
});
const paint = (size: number, drawing: Drawing, place: Partial<Placement>): number[] => {
  const canvas = { size, pixels: new Uint8Array(size * size * 3).fill(255) };
  drawOver(canvas, drawing, { x: 0.5, y: 0.5, scale: 1, mirrored: false, ...place });
  return [...canvas.pixels].filter((_, i) => i % 3 === 0); // the red channel
};
const quarters = drawingOf([
  [10, 0, 0, 1],
  [20, 0, 0, 1],
  [30, 0, 0, 1],
  [40, 0, 0, 1],
]);

describe('drawOver', () => {
  it('copies at the same size and mirrors', () => {
    expect(paint(2, quarters, {})).toEqual([10, 20, 30, 40]);
    expect(paint(2, quarters, { mirrored: true })).toEqual([20, 10, 40, 30]);
  });

  it('averages when it shrinks and repeats when it grows', () => {
    expect(paint(1, quarters, {})).toEqual([25]);
    expect(paint(4, quarters, {}).slice(0, 4)).toEqual([10, 10, 20, 20]);
  });

  it('covers parts of pixels: a black square of side 1 in the middle of 2×2 covers a quarter of each', () => {
    expect(paint(2, drawingOf([[0, 0, 0, 1]]), { scale: 0.5 })).toEqual([191, 191, 191, 191]);
  });

  it('blends by alpha and cuts at the frame', () => {
    expect(paint(1, drawingOf([[100, 0, 0, 0.5]]), {})).toEqual([178]); // 50 + 127.5
    expect(paint(2, quarters, { x: 1, y: 1 })).toEqual([255, 255, 255, 10]);
    expect(paint(2, quarters, { x: 3 })).toEqual([255, 255, 255, 255]);
  });
});

describe('createRenderer', () => {
  const scene: Scene = {
    kind: 'single',
    style: 'fluent',
    ground: 'blue',
    relation: null,
    items: [{ word: 'heart', x: 0.5, y: 0.5, scale: 0.85, mirrored: false }],
  };

  it('paints the ground and the drawing, the same each time', async () => {
    const picture = await createRenderer(nouns, 32).render(scene);
    expect(picture.length).toBe(32 * 32 * 3);
    expect([...picture.subarray(0, 3)]).toEqual([...groundNamed('blue').rgb]);
    const [r, g, b] = picture.subarray((16 * 32 + 16) * 3);
    expect(r!).toBeGreaterThan(180); // the heart is red
    expect(Math.max(g!, b!)).toBeLessThan(110);
    expect(await createRenderer(nouns, 32).render(scene)).toEqual(picture);
  });

  it('refuses unknown nouns and grounds', async () => {
    const renderer = createRenderer(nouns, 16);
    await expect(renderer.render({ ...scene, items: [{ ...scene.items[0]!, word: 'hart' }] })).rejects.toThrow(
      'got "hart"',
    );
    await expect(renderer.render({ ...scene, ground: 'mauve' })).rejects.toThrow('one of white, black');
  });
});

describe('faint looks', () => {
  it('measures the share of a drawing that stands out', () => {
    const half = drawingOf([
      [255, 255, 255, 1],
      [255, 255, 255, 1],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ]);
    expect(visibleShare(half, groundNamed('white'))).toBe(0.5);
    expect(visibleShare(drawingOf([[0, 0, 0, 0]]), groundNamed('white'))).toBe(0);
  });

  it('finds a yellow star on yellow and nothing on a cat', async () => {
    const faint = await findFaintLooks(nouns.filter((noun) => ['star', 'cat'].includes(noun.word)));
    expect([...faint.get('star')!]).toContain('fluent/yellow');
    expect(faint.get('cat')!.size).toBe(0);
  });
});
