import { useObjectUrl } from '../pictures/object-url.js';
import { fileNameOf } from '../pictures/save.js';
import type { Picture } from '../state/history.js';
import { notes, running, shown } from '../state/painting.js';
import { report } from '../state/session.js';
import { change } from '../state/settings.js';
import { startFrom } from '../state/source.js';
import { SettingsList } from './settings-list.js';

/** The picture that is being painted or was painted last. */
export function Stage() {
  const { value: now } = running;
  const { value: picture } = shown;
  const url = useObjectUrl(now?.preview?.image ?? picture?.image);
  const alternative = now === undefined ? (picture?.settings.prompt ?? '') : `preview of: ${now.settings.prompt}`;
  return (
    <section class="stage panel" aria-label="Picture">
      <Progress />
      <div class="frame" aria-busy={now !== undefined}>
        {url === undefined ? (
          <p class="empty">What you paint appears here.</p>
        ) : (
          <img src={url} alt={alternative} class={now === undefined ? '' : 'preview'} />
        )}
      </div>
      {notes.value.length > 0 && (
        <ul class="notes" aria-label="Remarks">
          {notes.value.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {picture !== undefined && now === undefined && (
        <>
          <div class="actions">
            <a class="button" href={url} download={fileNameOf(picture)}>
              Download
            </a>
            <button type="button" onClick={() => void paintFrom(picture).catch(report)}>
              Paint from it
            </button>
          </div>
          <SettingsList picture={picture} />
        </>
      )}
    </section>
  );
}

/** Starts from a picture that was painted here, in its size. */
async function paintFrom(picture: Picture): Promise<void> {
  await startFrom(picture.image, fileNameOf(picture));
  change({ width: picture.width, height: picture.height });
}

function Progress() {
  const { value: now } = running;
  const { preview, label, settings } = now ?? {};
  const which = (settings?.count ?? 1) > 1 ? `picture ${(preview?.index ?? 0) + 1} of ${settings?.count}, ` : '';
  const how = preview === undefined ? 'painting …' : `step ${preview.step} of ${preview.steps}`;
  return (
    <div class="progress">
      <p role="status">{now === undefined ? '' : [label, `${which}${how}`].filter((part) => part).join(': ')}</p>
      {now !== undefined && (
        <progress aria-label="Steps" max={1} value={preview === undefined ? undefined : preview.step / preview.steps} />
      )}
    </div>
  );
}
