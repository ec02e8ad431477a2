import { parametersOf, randomStream, trace } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { aloneScene, STYLES, type PainterScene } from '@lascaux/scenes';
import {
  captionTokens,
  CODE_LENGTH,
  CODE_PARTS,
  drawnMaps,
  LATENT_LENGTH,
  linearStart,
  MAX_TOKENS,
  networkInputs,
  predictedLatent,
  TOKEN_LENGTH,
  VARIANT_COLOURS,
  VARIANT_GROUNDS,
} from '@lascaux/train-mini';
import { describe, expect, it } from 'vitest';

const CHANNELS = 32;
/** Bits of the number of a drawing as ±1: numbers of a code that are uncorrelated over all drawings. */
const BITS = 6;
const COUNT = 2 ** BITS - 1;
/** What is seen through a cell has so many numbers. */
const THROUGH = 4;

/** Fixed numbers of about a size. */
const numbers = (name: string, length: number, size: number): Float32Array =>
  randomStream(name)
    .normal(length)
    .map((value) => size * value);

/** [rows, columns] times [columns]. */
const times = (matrix: Float32Array, vector: ArrayLike<number>, columns = vector.length): Float32Array =>
  Float32Array.from({ length: matrix.length / columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += matrix[i * columns + k]! * vector[k]!;
    return sum;
  });

const sum = (...vectors: readonly Float32Array[]): Float32Array =>
  vectors[0]!.map((_, i) => vectors.reduce((all, vector) => all + vector[i]!, 0));

const codeOf = (drawing: number): Float32Array => {
  const code = new Float32Array(CODE_PARTS * CODE_LENGTH);
  // Some in the first part, some in the second, which half-size things read too.
  for (let bit = 0; bit < BITS; bit++) code[bit < 3 ? bit : CODE_LENGTH + bit] = (drawing >> bit) & 1 ? 1 : -1;
  return code;
};
const bitsOf = (drawing: number): number[] => Array.from({ length: BITS }, (_, bit) => ((drawing >> bit) & 1 ? 1 : -1));

const nothing = numbers('nothing on white', CHANNELS, 0.5);
const black = numbers('nothing on black', CHANNELS, 0.5);
const seenThrough = numbers('what is seen through', CHANNELS * THROUGH, 0.5);

/** A cell as it is drawn on white, less nothing; what is seen through it. Both follow from the code; place −1 … says which cell of which role. */
const drawn = (drawing: number, place: string): Float32Array =>
  times(numbers(`drawn ${place}`, CHANNELS * BITS, 0.2), bitsOf(drawing));
const through = (drawing: number, place: string): Float32Array =>
  times(seenThrough, times(numbers(`through ${place}`, THROUGH * BITS, 0.3), bitsOf(drawing)));
const groundOf = (ground: string, cell: Float32Array): Float32Array =>
  sum(times(numbers(`ground ${ground}`, CHANNELS * CHANNELS, 0.1), cell), numbers(`on ${ground}`, CHANNELS, 0.3));
const colourOf = (colour: string, cell: Float32Array): Float32Array => {
  const [first, second] = [numbers(`in ${colour}`, CHANNELS, 0.3), numbers(`to ${colour}`, CHANNELS, 0.2)];
  const factor = times(first, cell)[0]!;
  return second.map((value) => factor * value);
};

/** A latent [C, side, side] of cells. */
const latentOf = (side: number, cell: (place: number) => Float32Array): Float32Array => {
  const latent = new Float32Array(CHANNELS * side * side);
  for (let place = 0; place < side * side; place++)
    cell(place).forEach((value, c) => (latent[c * side * side + place] = value));
  return latent;
};

describe('the start of the painter’s denoiser', () => {
  it('paints things, on grounds, in colours, and in the places of counts and relations, as linear maps have them', async () => {
    const engine = onnxEngine({ threads: 1 });
    const all = Array.from({ length: COUNT }, (_, drawing) => codeOf(drawing));
    const codes = {
      code: (index: number, style: (typeof STYLES)[number]) => all[index * STYLES.length + STYLES.indexOf(style)]!,
    };
    const whole = (drawing: number, change: (cell: Float32Array, place: string) => Float32Array): Float32Array =>
      latentOf(8, (place) => {
        const own = drawn(drawing, `whole ${place}`);
        return sum(nothing, own, change(own, `whole ${place}`));
      });
    const onBlack = (drawing: number, place: string): Float32Array =>
      sum(
        through(drawing, place),
        black.map((value, c) => value - nothing[c]!),
      );
    const half = (drawing: number, isBlack: boolean): Float32Array =>
      latentOf(4, (place) => {
        const own = sum(nothing, drawn(drawing, `half ${place}`));
        return isBlack ? sum(own, onBlack(drawing, `half ${place}`)) : own;
      });
    const none = new Float32Array(CHANNELS);
    const maps = drawnMaps(
      codes,
      {
        count: COUNT,
        latent: (role, drawing) =>
          role < 2
            ? whole(drawing, (_, place) => (role === 1 ? onBlack(drawing, place) : none))
            : half(drawing, role === 3),
      },
      {
        grounds: VARIANT_GROUNDS.length,
        colours: VARIANT_COLOURS.length,
        drawings: Array.from({ length: COUNT }, (_, drawing) => drawing),
        onGround: (ground, i) => whole(i, (_, place) => groundOf(VARIANT_GROUNDS[ground]!, through(i, place))),
        inColour: (colour, i) => whole(i, (cell) => colourOf(VARIANT_COLOURS[colour]!, cell)),
        blank: [latentOf(8, () => nothing), latentOf(8, () => black)],
      },
    );

    const alone = aloneScene({ emoji: 3, style: 'noto', ground: 'white', isHalf: false });
    const thing = (emoji: number): PainterScene['items'][number] => ({ ...alone.items[0]!, emoji });
    const scenes: readonly PainterScene[] = [
      alone,
      { ...alone, ground: 'blue' },
      { ...alone, items: [{ ...thing(3), colour: 'red' }] },
      { ...alone, kind: 'count', items: [thing(5), thing(5)] },
      { ...alone, kind: 'relation', relation: 'above', ground: 'green', items: [thing(7), thing(9)] },
    ];
    const style = STYLES.indexOf('noto');
    /** What stands at a cell of the scenes with things half as large: which thing, and which of its cells. */
    const standing: Readonly<
      Record<number, (y: number, x: number) => readonly [emoji: number, place: number] | undefined>
    > = {
      3: (y, x) => (y < 2 || y >= 6 ? undefined : [5, (y - 2) * 4 + (x % 4)]),
      4: (y, x) => (x < 2 || x >= 6 ? undefined : y < 4 ? [7, y * 4 + x - 2] : [9, (y - 4) * 4 + x - 2]),
    };
    const wanted = scenes.map(({ ground, items }, k) =>
      latentOf(8, (place) => {
        const at = standing[k];
        const [emoji, name] =
          at === undefined ? [items[0]!.emoji, `whole ${place}`] : partOf(at(place >> 3, place & 7));
        const drawing = emoji === undefined ? undefined : emoji * STYLES.length + style;
        const own = drawing === undefined ? none : drawn(drawing, name);
        const seen = drawing === undefined ? none : through(drawing, name);
        const colour = items[0]!.colour;
        return sum(
          ...[nothing, own],
          ...(ground === 'white' ? [] : [groundOf(ground, seen)]),
          ...(colour === null ? [] : [colourOf(colour, own)]),
        );
      }),
    );

    const types = networkInputs(scenes.length);
    const program = trace(types, (scope, inputs) => ({ latent: predictedLatent(scope, inputs) }));
    const weights = linearStart(parametersOf(program), maps);
    const parameters = Object.fromEntries(
      program.inputs.flatMap(({ name, parameter }) =>
        parameter === undefined ? [] : [[name, engine.upload(weights.get(parameter.name)!, parameter.shape)]],
      ),
    );
    const tokens = new Float32Array(scenes.length * MAX_TOKENS * TOKEN_LENGTH);
    scenes.forEach((scene, k) => tokens.set(captionTokens(scene, codes), k * MAX_TOKENS * TOKEN_LENGTH));
    const executable = await engine.compile(program);
    const { latent } = await executable.run({
      ...parameters,
      noisy: engine.upload(randomStream(4).normal(scenes.length * LATENT_LENGTH), types.noisy.shape),
      timestep: engine.upload(new Float32Array(scenes.length).fill(999), [scenes.length]),
      tokens: engine.upload(tokens, types.tokens.shape),
    });
    const painted = (await latent!.read()) as Float32Array;
    const shares = wanted.map((values, k) => {
      let [error, size] = [0, 0];
      values.forEach((value, i) => {
        error += (painted[k * LATENT_LENGTH + i]! - value) ** 2;
        size += (value - nothing[Math.floor(i / 64)]!) ** 2;
      });
      return error / size;
    });
    for (const share of shares) expect(share).toBeLessThan(0.05);
    await executable.dispose();
  }, 300_000);
});

const partOf = (
  part: readonly [emoji: number, place: number] | undefined,
): readonly [emoji: number | undefined, name: string] =>
  part === undefined ? [undefined, ''] : [part[0], `half ${part[1]}`];
