import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Explanation, Preview } from '../backend/backend.js';
import { useObjectUrl } from '../pictures/object-url.js';
import { orderOf, running, shown, trail } from '../state/painting.js';
import { backend, report } from '../state/session.js';
import { model, settings } from '../state/settings.js';
import { NoiseChart } from './noise-chart.js';

/** Whether the view is open: only then it asks for anything. */
const isOpen = signal(false);
const explanation = signal<Explanation | undefined>(undefined);

/** Milliseconds without a change of the settings after which they are explained. */
const PAUSE = 400;

/** What happens when the current settings are painted, stage by stage. */
export function Happens() {
  const { value: chosen } = settings;
  const isKnown = model.value !== undefined;
  useEffect(() => {
    if (!isOpen.value || !isKnown || chosen.prompt === '') return;
    const timer = setTimeout(() => void explain(), PAUSE);
    return () => clearTimeout(timer);
  }, [isOpen.value, isKnown, JSON.stringify({ ...chosen, seed: 0 })]);
  return (
    <details
      class="panel happens"
      open={isOpen.value}
      onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}
    >
      <summary>What happens</summary>
      {isOpen.value && (explanation.value === undefined ? <p class="hint">Write a prompt first.</p> : <Stages />)}
    </details>
  );
}

async function explain(): Promise<void> {
  try {
    const { source: _, ...order } = await orderOf(settings.value);
    explanation.value = await backend.explain(order);
  } catch (error) {
    report(error);
  }
}

function Stages() {
  const { tokens, truncated, schedule, evaluated, latent } = explanation.value!;
  const [channels, height, width] = latent;
  return (
    <ol class="stages">
      <li>
        <h3>The prompt becomes tokens</h3>
        {tokens.map((sequence, index) => (
          <p class="tokens" key={index}>
            {sequence.map(({ id, text, weight }, place) => (
              <span class="token" key={place} title={`token ${id}${weight === 1 ? '' : `, weight ${weight}`}`}>
                {text}
                {weight !== 1 && <small> ×{weight.toFixed(2)}</small>}
              </span>
            ))}
          </p>
        ))}
        {truncated > 0 && <p class="hint">{truncated} tokens do not fit and are left out.</p>}
      </li>
      <li>
        <h3>Noise, in {evaluated.length} evaluations of the network, becomes a latent</h3>
        <p class="hint">
          A latent of {channels} × {height} × {width} numbers begins as noise. The curve shows how much noise the
          network learned to take away at each level; the dots, where {settings.value.sampler} asks it.
        </p>
        <NoiseChart schedule={schedule} evaluated={evaluated} />
        <Trail />
      </li>
      <li>
        <h3>
          The latent becomes {settings.value.width} × {settings.value.height} pixels
        </h3>
        <Result />
      </li>
    </ol>
  );
}

/** What each step thinks that the finished picture will be. */
function Trail() {
  if (trail.value.length === 0)
    return <p class="hint">Paint with previews at every step to see what each of them thinks the picture will be.</p>;
  return (
    <ol class="trail" aria-label="Previews by step">
      {trail.value.map((preview) => (
        <TrailStep key={preview.step} preview={preview} />
      ))}
    </ol>
  );
}

function TrailStep({ preview: { image, step } }: { readonly preview: Preview }) {
  const url = useObjectUrl(image);
  return (
    <li>
      <img src={url} alt={`after step ${step}`} />
      <span aria-hidden="true">{step}</span>
    </li>
  );
}

function Result() {
  const url = useObjectUrl(running.value === undefined ? shown.value?.image : undefined);
  return url === undefined ? <p class="hint">Not yet.</p> : <img class="result" src={url} alt="The finished picture" />;
}
