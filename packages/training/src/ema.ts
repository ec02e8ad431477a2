/**
 * The decay of the running average of the parameters at step `step`: min(decay, (1 + step)/(10 + step)), so that a young average
 * forgets its random start (the warm-up of TensorFlow's ExponentialMovingAverage).
 */
export const emaDecayAt = (decay: number, step: number): number => Math.min(decay, (1 + step) / (10 + step));
