/** Captions like those of emoji scenes, for tokenizers small enough to build in a test. */
export const CAPTIONS: readonly string[] = ['cat', 'dog', 'red apple', 'pizza', 'crème brûlée'].flatMap((noun) =>
  ['blue', 'mint green', 'white'].flatMap((ground) => [
    `a ${noun}`,
    `a ${noun} on a ${ground} background`,
    `three ${noun}s on a ${ground} background, in the style of noto`,
  ]),
);
