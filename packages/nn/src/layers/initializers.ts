import type { Initializer } from '../program/program.js';

export const zeros: Initializer = { kind: 'zeros' };
export const ones: Initializer = { kind: 'ones' };

/** Uniform in ±1/√fanIn: what PyTorch gives linear and convolution weights (Kaiming uniform with a = √5). Why: docs/decisions/0042. */
export const fanInUniform = (fanIn: number): Initializer => ({ kind: 'uniform', scale: 1 / Math.sqrt(fanIn) });

/** Normal with a standard deviation. */
export const normal = (deviation: number): Initializer => ({ kind: 'normal', scale: deviation });
