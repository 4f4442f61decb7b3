import type { Run, Step } from '#contract/commission/run.ts';
import { pictureUrl } from './commission-client.ts';

/** The pictures of a step with the zones drawn where the device has them. */
export function StepPictures({ run, step }: { readonly run: Run; readonly step: Step }) {
  return (
    <>
      {step.pictures.map(({ blobId, zones }) => (
        <figure key={blobId} class="zoned">
          <img src={pictureUrl(run.id, blobId)} alt="" />
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {zones.map(({ name, points }) => (
              <polygon key={name} points={points.map(([x, y]) => `${x},${y}`).join(' ')} />
            ))}
          </svg>
          <figcaption class="quiet">{zones.map(({ name }) => name).join(', ')}</figcaption>
        </figure>
      ))}
    </>
  );
}
