/** A flat background colour: the name that captions use and its 8-bit RGB value. */
export interface Ground {
  readonly name: string;
  readonly rgb: readonly [number, number, number];
}

/** The ground that captions do not name. */
export const PLAIN_GROUND = 'white';

/** The twelve grounds, far enough apart that nobody mistakes one for another. */
export const GROUNDS: readonly Ground[] = [
  { name: 'white', rgb: [255, 255, 255] },
  { name: 'black', rgb: [0, 0, 0] },
  { name: 'gray', rgb: [128, 128, 128] },
  { name: 'red', rgb: [225, 45, 45] },
  { name: 'orange', rgb: [245, 140, 30] },
  { name: 'yellow', rgb: [250, 220, 60] },
  { name: 'green', rgb: [50, 160, 75] },
  { name: 'blue', rgb: [40, 95, 220] },
  { name: 'light blue', rgb: [150, 210, 250] },
  { name: 'purple', rgb: [130, 65, 190] },
  { name: 'pink', rgb: [250, 160, 195] },
  { name: 'brown', rgb: [125, 80, 45] },
];

/** The ground of that name; throws when there is none. */
export function groundNamed(name: string): Ground {
  const ground = GROUNDS.find((candidate) => candidate.name === name);
  if (!ground) throw new Error(`ground: must be one of ${GROUNDS.map((g) => g.name).join(', ')}, got "${name}"`);
  return ground;
}
