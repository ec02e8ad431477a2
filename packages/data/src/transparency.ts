import type { Sharp } from 'sharp';

/** Whether some part of an image is not opaque; only images with an alpha channel are decoded for it. Why: docs/decisions/0115. */
export async function hasTransparency(image: Sharp): Promise<boolean> {
  if (!(await image.metadata()).hasAlpha) return false;
  const alpha = await image.clone().extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer();
  return alpha.some((value) => value < 255);
}
