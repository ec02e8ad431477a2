import type { Operation } from '../program/program.js';
import type { PrimitiveName } from '../program/primitives.js';
import type { HeldValue, Layout } from './held-value.js';

/** The primitives whose emissions want certain layouts: of each operand, and of the result. */
const fixed: Readonly<
  Partial<Record<PrimitiveName, { readonly operands: readonly Layout[]; readonly result: Layout }>>
> = {
  conv2d: { operands: ['channelsLast', 'channelsFirst', 'channelsFirst'], result: 'channelsLast' },
  conv2dInputGradient: { operands: ['channelsLast', 'channelsFirst'], result: 'channelsLast' },
  conv2dFilterGradient: { operands: ['channelsLast', 'channelsLast'], result: 'channelsFirst' },
  upsampleNearest: { operands: ['channelsLast'], result: 'channelsLast' },
  cropLike: { operands: ['channelsLast', 'channelsLast'], result: 'channelsLast' },
  sumPool: { operands: ['channelsLast'], result: 'channelsLast' },
  pixelShuffle: { operands: ['channelsLast'], result: 'channelsLast' },
  pixelUnshuffle: { operands: ['channelsLast'], result: 'channelsLast' },
};

/** The primitives that treat all axes alike, or name the ones they mean: they run on whichever layout is there. */
const free: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  ...(['add', 'sub', 'mul', 'div', 'greater'] as const),
  ...([
    'neg',
    'exp',
    'log',
    'sqrt',
    'sin',
    'cos',
    'tanh',
    'erf',
    'sigmoid',
    'relu',
    'silu',
    'gelu',
    'stopGradient',
    'cast',
  ] as const),
  ...(['sum', 'max', 'concat', 'slice', 'pad'] as const),
]);

/** Where each axis of [N, C, H, W] stands in [N, H, W, C]. */
const channelsLastAxis = [0, 3, 1, 2] as const;

const moved = (axis: number): number => channelsLastAxis[axis as 0 | 1 | 2 | 3];

/** The attributes of a call on channels-last operands: axes are renumbered. */
function movedAttributes(attributes: Operation['attributes']): Operation['attributes'] {
  if ('axes' in attributes) return { ...attributes, axes: attributes.axes.map(moved) };
  return 'axis' in attributes ? { ...attributes, axis: moved(attributes.axis) } : attributes;
}

/** How a call is run: the layout of each operand and of the result, and its attributes in that layout. */
export interface CallLayout {
  readonly operands: readonly Layout[];
  readonly result: Layout;
  readonly attributes: Operation['attributes'];
}

/** An operand with the rank that the program gives it. */
export interface RankedValue {
  readonly value: HeldValue;
  readonly rank: number;
  readonly size: number;
}

/** Chooses the layouts of a call: channels last where an operand is only there in that form and the primitive allows it. */
export function layoutOf({ primitive, attributes }: Operation, operands: readonly RankedValue[]): CallLayout {
  const wanted = fixed[primitive];
  if (wanted !== undefined) return { ...wanted, attributes };
  const isChannelsLast =
    free.has(primitive) &&
    operands.some(({ value }) => !value.has('channelsFirst')) &&
    operands.every(({ rank, size }) => rank === 4 || size === 1);
  if (!isChannelsLast) return { operands: operands.map(() => 'channelsFirst'), result: 'channelsFirst', attributes };
  return {
    operands: operands.map(({ rank }) => (rank === 4 ? 'channelsLast' : 'channelsFirst')),
    result: 'channelsLast',
    attributes: movedAttributes(attributes),
  };
}
