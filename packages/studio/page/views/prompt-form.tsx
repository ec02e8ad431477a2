import { paint, running, stop } from '../state/painting.js';
import { change, model, settings } from '../state/settings.js';

/** The prompt, and the button that paints it. */
export function PromptForm() {
  const { prompt, negativePrompt } = settings.value;
  const isPainting = running.value !== undefined;
  return (
    <form
      class="panel"
      aria-label="What to paint"
      onSubmit={(event) => {
        event.preventDefault();
        void paint();
      }}
    >
      <label class="field">
        <span>Prompt</span>
        <textarea
          name="prompt"
          rows={3}
          placeholder="a cat in the snow"
          value={prompt}
          onInput={({ currentTarget }) => change({ prompt: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>Negative prompt</span>
        <textarea
          name="negative"
          rows={1}
          placeholder="what to steer away from"
          value={negativePrompt}
          onInput={({ currentTarget }) => change({ negativePrompt: currentTarget.value })}
        />
      </label>
      <div class="actions">
        <button class="primary" disabled={isPainting || model.value === undefined} aria-keyshortcuts="Control+Enter">
          Paint <kbd aria-hidden="true">Ctrl ↵</kbd>
        </button>
        <button type="button" disabled={!isPainting} onClick={stop} aria-keyshortcuts="Escape">
          Stop <kbd aria-hidden="true">Esc</kbd>
        </button>
      </div>
    </form>
  );
}
