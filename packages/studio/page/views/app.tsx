import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readDropped } from '../pictures/read-dropped.js';
import { paint, running, stop } from '../state/painting.js';
import { backend, keyWanted, loading, problem, report } from '../state/session.js';
import { Gallery } from './gallery.js';
import { GridForm, GridTable } from './grid-form.js';
import { Happens } from './happens.js';
import { KeyDialog } from './key-dialog.js';
import { PromptForm } from './prompt-form.js';
import { SettingsForm } from './settings-form.js';
import { SourceForm } from './source-form.js';
import { Stage } from './stage.js';

/** Whether a file is held over the page. */
const isDraggedOver = signal(false);

/** The whole page. */
export function App() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div
      class={isDraggedOver.value ? 'page dragged' : 'page'}
      onDragOver={(event) => {
        event.preventDefault();
        isDraggedOver.value = true;
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) isDraggedOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isDraggedOver.value = false;
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) readDropped(file).catch(report);
      }}
    >
      <header>
        <h1>Lascaux</h1>
        <p>paints {backend.place}</p>
      </header>
      <Messages />
      <main>
        <div class="controls">
          <PromptForm />
          <SettingsForm />
          <SourceForm />
          <GridForm />
        </div>
        <div class="results">
          <Stage />
          <GridTable />
          <Happens />
          <Gallery />
        </div>
      </main>
      {keyWanted.value !== undefined && <KeyDialog />}
    </div>
  );
}

function Messages() {
  const { value: waiting } = loading;
  return (
    <>
      {problem.value !== undefined && (
        <p class="problem" role="alert">
          {problem.value}
          <button type="button" class="quiet" onClick={() => (problem.value = undefined)}>
            Close
          </button>
        </p>
      )}
      {waiting !== undefined && (
        <p class="loading" role="status">
          <span>{waiting.text}</span>
          {waiting.share !== undefined && <progress value={waiting.share} aria-label={waiting.text} />}
        </p>
      )}
    </>
  );
}

/** Ctrl+Enter paints, Escape stops. */
function onKey(event: KeyboardEvent): void {
  if (keyWanted.value !== undefined) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void paint();
  }
  if (event.key === 'Escape' && running.value !== undefined) stop();
}
