import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tfjs } from './backends.js';

/** How a feature map lies in memory: [N, C, H, W] as programs write it, or [N, H, W, C] as the convolutions of tfjs want it. */
export type Layout = 'channelsFirst' | 'channelsLast';

const orders: Readonly<Record<Layout, number[]>> = { channelsFirst: [0, 3, 1, 2], channelsLast: [0, 2, 3, 1] };

/** A value while it lives: in one layout or in both, the second made when it is first asked for. Values without four axes are channels first. */
export class HeldValue {
  readonly #forms: Partial<Record<Layout, Tensor>>;
  /** Whether the forms are freed with the value; those of inputs belong to the caller. */
  readonly #borrowed: Tensor | undefined;

  constructor(
    tensor: Tensor,
    { layout = 'channelsFirst', isBorrowed = false }: { layout?: Layout; isBorrowed?: boolean } = {},
  ) {
    this.#forms = { [layout]: tensor };
    this.#borrowed = isBorrowed ? tensor : undefined;
  }

  /** Whether asking for this layout costs nothing. */
  has(layout: Layout): boolean {
    return this.#forms[layout] !== undefined;
  }

  in(tf: Tfjs, layout: Layout): Tensor {
    const known = this.#forms[layout];
    if (known !== undefined) return known;
    const other = this.#forms[layout === 'channelsFirst' ? 'channelsLast' : 'channelsFirst'] as Tensor;
    const made = tf.transpose(other, orders[layout]);
    this.#forms[layout] = made;
    return made;
  }

  /** A tensor that outlives this value. */
  taken(tf: Tfjs): Tensor {
    return tf.clone(this.in(tf, 'channelsFirst'));
  }

  dispose(): void {
    for (const tensor of Object.values(this.#forms)) if (tensor !== this.#borrowed) tensor.dispose();
  }
}
