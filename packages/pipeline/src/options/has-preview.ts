/** Whether a step is one of `previews` that lie evenly within a run; the last step, after which the image itself is there, is none. */
export function hasPreview({ step, steps }: { step: number; steps: number }, previews: number): boolean {
  const wanted = Math.min(previews, steps - 1);
  return Array.from({ length: wanted }, (_, i) => Math.round(((i + 1) * steps) / (wanted + 1))).includes(step);
}
