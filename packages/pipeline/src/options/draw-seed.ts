/** A random seed below 2³², where every other program accepts it too. */
export const drawSeed = (): number => globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;

/** The seed to use: the one given, or a random one for −1 (the habit of AUTOMATIC1111's users). */
export const resolveSeed = (seed: number): number => (seed === -1 ? drawSeed() : seed);
