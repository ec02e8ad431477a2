import { signal } from '@preact/signals';
import { sizeLike } from '@lascaux/pipeline/options';
import { useEffect, useRef } from 'preact/hooks';
import { PageError } from '../backend/errors.js';
import { report } from '../state/session.js';
import { change, model, settings } from '../state/settings.js';
import { drawStrokes, source, startFrom, startFromNoise, strokes, type Stroke } from '../state/source.js';

/** The brush's width, as a share of the picture's. */
const brush = signal(0.15);

/** What is brushed shows in this colour, over the picture. */
const BRUSHED = '#e0457b';

/** A picture to start from, and the brush that says what of it is painted anew. */
export function SourceForm() {
  const { value: start } = source;
  return (
    <details class="panel" open={start !== undefined}>
      <summary>From a picture</summary>
      {start === undefined ? <ChooseSource /> : <EditSource />}
    </details>
  );
}

/** Starts from a file, in its shape. */
async function choose(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  await startFrom(file, file.name).catch((cause: unknown) => {
    throw new PageError(`${file.name} is no picture that this browser knows`, cause);
  });
  const { value: facts } = model;
  if (facts !== undefined) change(sizeLike(source.value!.bitmap, facts.defaults, facts));
}

function ChooseSource() {
  return (
    <label
      class="drop"
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        choose(event.dataTransfer?.files[0]).catch(report);
      }}
    >
      <span>Drop a picture here, or choose one</span>
      <input
        type="file"
        accept="image/*"
        onChange={({ currentTarget }) => void choose(currentTarget.files?.[0]).catch(report)}
      />
    </label>
  );
}

function EditSource() {
  const { value: drawn } = strokes;
  return (
    <>
      <label class="field">
        <span>Strength: {settings.value.strength} (how much of it is painted anew)</span>
        <input
          type="range"
          min={0.05}
          max={1}
          step={0.05}
          value={settings.value.strength}
          onInput={({ currentTarget }) => change({ strength: currentTarget.valueAsNumber })}
        />
      </label>
      <p class="hint">Brush what is to change; without a stroke all of it may.</p>
      <MaskCanvas />
      <label class="field">
        <span>Brush</span>
        <input
          type="range"
          min={0.02}
          max={0.5}
          step={0.01}
          value={brush.value}
          onInput={({ currentTarget }) => (brush.value = currentTarget.valueAsNumber)}
        />
      </label>
      <div class="actions">
        <button type="button" disabled={drawn.length === 0} onClick={() => (strokes.value = drawn.slice(0, -1))}>
          Undo
        </button>
        <button type="button" disabled={drawn.length === 0} onClick={() => (strokes.value = [])}>
          Clear
        </button>
        <button type="button" onClick={startFromNoise}>
          Without a picture
        </button>
      </div>
    </>
  );
}

/** The picture with what is brushed over it; a pointer draws. */
function MaskCanvas() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { bitmap, name } = source.value!;
  const { value: drawn } = strokes;
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    context.globalAlpha = 0.6;
    context.strokeStyle = BRUSHED;
    drawStrokes(context, drawn);
    context.globalAlpha = 1;
  }, [bitmap, drawn]);
  return (
    <div class="brushed">
      <canvas
        ref={canvas}
        width={bitmap.width}
        height={bitmap.height}
        role="img"
        aria-label={`${name}, ${drawn.length} strokes of the brush`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          strokes.value = [...drawn, { points: [pointOf(event)], width: brush.value * bitmap.width }];
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) extend(pointOf(event));
        }}
      />
    </div>
  );
}

/** Where on the picture a pointer is, in the picture's pixels. */
function pointOf({ currentTarget, clientX, clientY }: PointerEvent & { currentTarget: HTMLCanvasElement }) {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return [((clientX - left) / width) * currentTarget.width, ((clientY - top) / height) * currentTarget.height] as const;
}

/** Draws the last stroke on. */
function extend(point: Stroke['points'][number]): void {
  const last = strokes.value.at(-1);
  if (last !== undefined) strokes.value = [...strokes.value.slice(0, -1), { ...last, points: [...last.points, point] }];
}
