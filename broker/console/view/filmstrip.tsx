import type { Sighting } from '#contract/http.ts';
import { evidenceUrl } from '../api/client.ts';
import { useConsole } from './console-context.ts';
import { Picture } from './picture.tsx';

/** How it came, picture by picture, with the place of the thing marked; and the film, once there is one. */
export function Filmstrip({ sighting }: { readonly sighting: Sighting }) {
  const { words } = useConsole();
  const { filmstrip = [], clip, box, t } = sighting;
  const [left, top, width, height] = box.map((fraction) => `${(100 * fraction).toFixed(2)}%`);
  return (
    <>
      <ol class="filmstrip">
        {filmstrip.map(({ moment, t: at, picture }) => (
          <li key={moment}>
            <figure>
              <div class="marked">
                <Picture blobId={picture.blobId} />
                <span class="mark" style={{ left, top, width, height }} />
              </div>
              <figcaption>
                {words.term('moment', moment)}
                {at < t && (
                  <span class="quiet"> {words.t('moment.earlier', { seconds: Math.round(t - at) })}</span>
                )}
              </figcaption>
            </figure>
          </li>
        ))}
      </ol>
      {clip !== undefined && (
        // What is heard in it: nothing. What is seen: blocks, and the thing.
        <video
          controls
          muted
          preload="none"
          src={evidenceUrl(clip.blobId)}
          aria-label={words.t('detail.film')}
        >
          <track kind="captions" />
        </video>
      )}
    </>
  );
}
