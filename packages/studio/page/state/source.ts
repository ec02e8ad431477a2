import { signal } from '@preact/signals';

/** One stroke of the brush, in pixels of the picture. */
export interface Stroke {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The brush's width. */
  readonly width: number;
}

/** A picture to start from, and what of it is to be painted anew. */
export interface Source {
  readonly name: string;
  readonly image: Blob;
  readonly bitmap: ImageBitmap;
}

/** The picture to start from, if there is one. */
export const source = signal<Source | undefined>(undefined);
/** What was brushed: painted anew, the rest stays. Nothing: all of it is. */
export const strokes = signal<readonly Stroke[]>([]);

/** Starts from a picture from now on. @throws DOMException where it is none */
export async function startFrom(image: Blob, name: string): Promise<void> {
  const bitmap = await createImageBitmap(image);
  source.value?.bitmap.close();
  strokes.value = [];
  source.value = { name, image, bitmap };
}

/** Starts from noise again. */
export function startFromNoise(): void {
  source.value?.bitmap.close();
  source.value = undefined;
  strokes.value = [];
}

/** Draws strokes where their pixels are to be painted anew. */
export function drawStrokes(context: CanvasRenderingContext2D, drawn: readonly Stroke[]): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { points, width } of drawn) {
    context.lineWidth = width;
    context.beginPath();
    points.forEach(([x, y], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    // A point alone has no length, and would draw nothing.
    if (points.length === 1) context.lineTo(points[0]![0], points[0]![1] + 0.01);
    context.stroke();
  }
}

/** The mask as OpenAI's image edits have it: a PNG that is transparent where the picture is painted anew. */
export async function maskImage(): Promise<Blob | undefined> {
  const { value: shown } = source;
  if (shown === undefined || strokes.value.length === 0) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = shown.bitmap.width;
  canvas.height = shown.bitmap.height;
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = 'destination-out';
  drawStrokes(context, strokes.value);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/png'));
}
