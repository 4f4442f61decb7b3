import { encode } from 'fast-png';
import type { Zone } from '#agent/ports/vision-zones.ts';
import type { Picture } from '#agent/vision/evidence/pictures.ts';
import type { SceneView } from '#agent/vision/scene-view.ts';
import { footOf, type Rect } from '#agent/vision/tracking/rect.ts';
import type { Track } from './track-record.ts';

const COLOUR_OF: Readonly<Record<string, string>> = {
  candidate: '#8a8a8a',
  attended: '#2f9e44',
  unattended: '#f08c00',
  reported: '#e03131',
};
const ZONE_COLOUR = { watch: '#1c7ed6', ignore: '#868e96', dwell: '#7048e8' } as const;
const ENLARGED = 3;

/** A picture past recognition with everything the detector knows drawn over it, as SVG with the PNG inside. */
export function drawingOf(picture: Picture, view: SceneView, zones: readonly Zone[]): string {
  const { width, height } = picture;
  const png = Buffer.from(encode({ ...picture, channels: 1, depth: 8 })).toString('base64');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 10}" width="${width * ENLARGED}" height="${(height + 10) * ENLARGED}" font-family="sans-serif" font-size="6">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<image href="data:image/png;base64,${png}" width="${width}" height="${height}" style="image-rendering:pixelated"/>`,
    // Where they are judged: with the places they were drawn around, also after the camera was nudged.
    `<g transform="translate(${view.offset.dx.toFixed(1)} ${view.offset.dy.toFixed(1)})">`,
    ...zones.map((zone) => zoneOf(zone, width, height)),
    '</g>',
    ...view.movers.map(({ rect, id }) => boxOf(rect, '#15aabf', `p${id}`, '2 1')),
    ...view.tracks.map((track) => trackOf(track, view)),
    `<text x="2" y="${height + 7}">${view.t.toFixed(1)} s</text>`,
    '</svg>\n',
  ].join('\n');
}

function zoneOf({ name, kind, polygon }: Zone, width: number, height: number): string {
  const points = polygon.map(([x, y]) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`).join(' ');
  const [x, y] = polygon[0] ?? [0, 0];
  return [
    `<polygon points="${points}" fill="none" stroke="${ZONE_COLOUR[kind]}" stroke-dasharray="4 2"/>`,
    `<text x="${x * width + 2}" y="${y * height + 7}" fill="${ZONE_COLOUR[kind]}">${escaped(name)}</text>`,
  ].join('');
}

function trackOf(track: Track, view: SceneView): string {
  const colour = COLOUR_OF[track.life.phase] ?? '#000';
  return boxOf(track.component.rect, colour, labelOf(track, view), 'none') + ownerLine(track, view);
}

/** Words only where the clock runs or has run out: pieces of people are many, and their colour says the rest. */
function labelOf({ id, life: { phase, aloneT }, dwellS }: Track, { t }: SceneView): string {
  if (phase === 'reported') return `${id} reported`;
  if (phase !== 'unattended' || aloneT === null) return `${id}`;
  const leftS = dwellS - (t - aloneT);
  if (!Number.isFinite(leftS)) return `${id} alone`;
  return leftS > 0 ? `${id} alone, ${leftS.toFixed(1)} s left` : `${id} due, held back`;
}

/** From the thing to whoever brought it, while they are in the picture. */
function ownerLine({ attendance, component }: Track, { movers }: SceneView): string {
  const from = footOf(component.rect);
  return movers
    .filter(({ id }) => attendance?.owners.has(id) === true)
    .map(({ rect }) => footOf(rect))
    .map(
      ({ x, y }) =>
        `<line x1="${from.x}" y1="${from.y}" x2="${x}" y2="${y}" stroke="#e64980" stroke-width="1"/>`,
    )
    .join('');
}

function boxOf({ left, top, right, bottom }: Rect, colour: string, label: string, dashes: string): string {
  return [
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="${colour}" stroke-dasharray="${dashes}"/>`,
    `<text x="${left}" y="${Math.max(6, top - 2)}" fill="${colour}" stroke="#fff" stroke-width="1.4" paint-order="stroke">${escaped(label)}</text>`,
  ].join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
