import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from '#agent/ports/frames.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { Evidence } from '#agent/vision/evidence/evidence.ts';
import type { SceneView } from '#agent/vision/scene-view.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { WatchpostError } from '#contract/errors.ts';
import { drawingOf } from './frame-drawing.ts';
import { scorePlot } from './score-plot.ts';
import { type TrackRecord, TrackRecords } from './track-record.ts';

export interface ExplanationOptions {
  readonly folder: string;
  readonly zones: readonly Zone[];
}

/** Pictures at most: of seconds in which there was something to judge, and of changes. */
const MAX_SECONDS = 150;
const MAX_CHANGES = 150;

interface Drawing {
  readonly t: number;
  readonly file: string;
  readonly caption: string;
}

/**
 * Why the detector said what it said, as a folder to be opened in a browser: annotated pictures, a plot of scores
 * and clocks, and the measurements. Pictures are past recognition like all others.
 */
export class Explanation {
  readonly #options: ExplanationOptions;
  readonly #evidence = new Evidence({ clip: undefined });
  readonly #records = new TrackRecords();
  readonly #drawings: Drawing[] = [];
  #seconds = 0;
  #changes = 0;
  #drawnT = Number.NEGATIVE_INFINITY;

  constructor(options: ExplanationOptions) {
    this.#options = options;
  }

  /** Throws WP5058 where the folder holds something, WP5059 where it cannot be written. */
  async start(): Promise<void> {
    const { folder } = this.#options;
    let held: string[];
    try {
      // Only the last folder of the path: for what lies above it somebody else is answerable.
      if (!existsSync(folder)) await mkdir(folder, { mode: 0o700 });
      await access(folder, constants.W_OK);
      held = await readdir(folder);
    } catch (cause) {
      throw new WatchpostError('WP5059', { detail: folder, cause });
    }
    if (held.length > 0) throw new WatchpostError('WP5058', { detail: folder });
  }

  /** Takes in what the detector made of `frame`. */
  async take(view: SceneView, frame: Frame): Promise<void> {
    this.#evidence.look(view, frame);
    if (!view.isJudged) return;
    const changed = this.#records.take(view);
    const isOfInterest = view.tracks.some(({ life }) => life.phase !== 'candidate');
    if (changed.length > 0 && this.#changes < MAX_CHANGES) {
      this.#changes++;
      await this.#draw(view, changed.map(({ id, life }) => `${id}: ${life.phase}`).join(', '));
    } else if (isOfInterest && view.t >= this.#drawnT + 1 && this.#seconds < MAX_SECONDS) {
      this.#seconds++;
      await this.#draw(view, '');
    }
  }

  /** Writes the plot, the measurements and the page that shows all of it. */
  async finish(): Promise<void> {
    const records = [...this.#records.records.values()];
    await this.#write('scores.svg', await scorePlot(records));
    const tracks = records.map(({ samples, ...record }) => ({ ...record, last: samples.at(-1) ?? null }));
    await this.#write(
      'tracks.json',
      `${JSON.stringify({ tracks, leftOut: this.#records.leftOut }, null, 2)}\n`,
    );
    await this.#write('index.html', pageOf(this.#drawings, records));
  }

  async #draw(view: SceneView, caption: string): Promise<void> {
    const picture = this.#evidence.scene(view);
    if (picture === null) return;
    this.#drawnT = view.t;
    const file = `frame-${view.t.toFixed(1).padStart(8, '0')}.svg`;
    this.#drawings.push({ t: view.t, file, caption: `${view.t.toFixed(1)} s ${caption}` });
    await this.#write(file, drawingOf(picture, view, this.#options.zones));
  }

  async #write(file: string, text: string): Promise<void> {
    try {
      await writeFile(join(this.#options.folder, file), text, { mode: 0o600 });
    } catch (cause) {
      throw new WatchpostError('WP5059', { detail: file, cause });
    }
  }
}

function pageOf(drawings: readonly Drawing[], records: readonly TrackRecord[]): string {
  const figures = drawings.map(
    ({ file, caption }) =>
      `<figure id="${file}"><img src="${file}" alt="" loading="lazy"><figcaption>${caption}</figcaption></figure>`,
  );
  return `<!doctype html>
<meta charset="utf-8">
<title>Why it was reported, or not</title>
<style>
  body { font: 15px sans-serif; margin: 1rem; }
  figure { display: inline-block; margin: 0 1rem 1rem 0; width: 480px; }
  figure img { width: 100%; }
  figure:target { outline: 3px solid #e03131; }
  .scores { max-width: 100%; }
</style>
<h1>Why it was reported, or not</h1>
${reportedList(drawings, records)}
<p>In the pictures things have numbers. Grey: new and still. Green: somebody is with it. Orange: alone, the clock is
running. Red: reported. Blue dashes: somebody (p). Pink: to whoever brought it. Everything but what was reported is
pixelated.</p>
<p>Below, each thing's clock and scores over time, reported ones first. A thing is reported when its clock is full, its
ghost and person scores are below 0.5, and it was seen freely for at least ${DEFAULT_SETTINGS.clearShare} of its dwell time. One that stays “due, held
back” fails one of these, or was brought by nobody, or is hidden just now.</p>
<img class="scores" src="scores.svg" alt="Scores over time">
<p>The last measurements of each thing are in <a href="tracks.json">tracks.json</a>.</p>
${figures.join('\n')}
`;
}

/** What a reader looks for first, with the way to its picture. */
function reportedList(drawings: readonly Drawing[], records: readonly TrackRecord[]): string {
  const items = records.flatMap(({ id, phases }) => {
    const at = phases.find(({ phase }) => phase === 'reported');
    if (at === undefined) return [];
    const { file } = drawings.find(({ t }) => t >= at.t) ?? {};
    const text = `${at.t.toFixed(1)} s: thing ${id}`;
    return [`<li>${file === undefined ? text : `<a href="#${file}">${text}</a>`}</li>`];
  });
  return items.length === 0
    ? '<p>Nothing was reported.</p>'
    : `<p>Reported:</p>\n<ul>\n${items.join('\n')}\n</ul>`;
}
