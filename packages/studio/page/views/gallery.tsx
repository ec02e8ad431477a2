import { useRef } from 'preact/hooks';
import { useObjectUrl } from '../pictures/object-url.js';
import { readDropped } from '../pictures/read-dropped.js';
import { forget, forgetAll, history, isKept, MOST_PICTURES, type Picture } from '../state/history.js';
import { shown } from '../state/painting.js';
import { report } from '../state/session.js';
import { change } from '../state/settings.js';

/** What was painted before; a click shows a picture and takes its settings over. */
export function Gallery() {
  const file = useRef<HTMLInputElement>(null);
  return (
    <section class="panel" aria-labelledby="gallery-title">
      <div class="title">
        <h2 id="gallery-title">Painted before</h2>
        <button type="button" class="quiet" onClick={() => file.current?.click()}>
          Settings from a picture …
        </button>
        {history.value.length > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              if (confirm(`Forget all ${history.value.length} pictures?`)) void forgetAll().catch(report);
            }}
          >
            Forget all
          </button>
        )}
      </div>
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        aria-label="Picture file with settings"
        hidden
        onChange={({ currentTarget }) => {
          const [chosen] = currentTarget.files ?? [];
          if (chosen !== undefined) readDropped(chosen).catch(report);
          currentTarget.value = '';
        }}
      />
      {!isKept.value && <p class="hint">This browser keeps nothing for the page: pictures are gone after a reload.</p>}
      {history.value.length === 0 ? (
        <p class="hint">Nothing yet. A picture that is dropped here brings its settings along.</p>
      ) : (
        <ul class="gallery">
          {history.value.map((picture) => (
            <Thumbnail key={picture.id} picture={picture} />
          ))}
        </ul>
      )}
      {history.value.length >= MOST_PICTURES && <p class="hint">The newest {MOST_PICTURES} are kept.</p>}
    </section>
  );
}

function Thumbnail({ picture }: { readonly picture: Picture }) {
  const url = useObjectUrl(picture.image);
  const { prompt, seed } = picture.settings;
  const name = prompt === '' ? `seed ${seed}` : `${prompt}, seed ${seed}`;
  return (
    <li>
      <button
        type="button"
        class="thumbnail"
        aria-pressed={shown.value?.id === picture.id}
        onClick={() => reuse(picture)}
      >
        <img src={url} alt={name} title={name} loading="lazy" />
      </button>
      <button
        type="button"
        class="forget"
        aria-label={`Forget ${name}`}
        title="Forget"
        onClick={() => void forget(picture).catch(report)}
      >
        ×
      </button>
    </li>
  );
}

function reuse(picture: Picture): void {
  shown.value = picture;
  const { count: _count, previews: _previews, ...settings } = picture.settings;
  change({ ...settings, isSeedLocked: true });
}
