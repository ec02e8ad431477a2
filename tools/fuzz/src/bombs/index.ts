import type { Bomb } from './bomb.js';
import { imageBombs } from './images.js';
import { setBombs } from './sets.js';
import { textBombs } from './texts.js';
import { weightBombs } from './weights.js';

/** All small inputs that ask for much, by what they are. */
export const bombs: Readonly<Record<string, Bomb>> = { ...weightBombs, ...imageBombs, ...setBombs, ...textBombs };
