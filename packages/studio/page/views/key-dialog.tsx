import { useEffect, useRef } from 'preact/hooks';
import { keyWanted, useKey } from '../state/session.js';

/** Asks for the API key. */
export function KeyDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="key-title" onCancel={(event) => event.preventDefault()}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          const field = input.current!;
          void useKey(field.value).then(() => field.select());
        }}
      >
        <h2 id="key-title">API key</h2>
        <p role="status">{keyWanted.value}</p>
        <input type="text" name="username" value="lascaux" autocomplete="username" hidden readOnly />
        <label>
          Key
          <input ref={input} type="password" name="key" autocomplete="current-password" required />
        </label>
        <p class="hint">It is kept until this tab is closed.</p>
        <button class="primary">Use it</button>
      </form>
    </dialog>
  );
}
