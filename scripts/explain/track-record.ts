import type { SceneView } from '#agent/vision/scene-view.ts';
import type { Measurements } from '#contract/event-data.ts';

export type Track = SceneView['tracks'][number];

/** One thing at one time: what the plot is made of. Scores 0 to 1, times in seconds of stream time. */
export interface Sample {
  readonly t: number;
  readonly phase: string;
  readonly aloneS: number;
  readonly dwellS: number;
  readonly measurements: Measurements;
}

/** What became of one thing. */
export interface TrackRecord {
  readonly id: number;
  reportedAs: string | null;
  /** In pixels of the picture. */
  box: readonly [number, number, number, number];
  readonly phases: { readonly t: number; readonly phase: string }[];
  readonly samples: Sample[];
}

/** Samples at most of one thing; of one that stays longer every second one is left out, again and again. */
const MAX_SAMPLES = 600;
/** Things at most; more are counted, not kept. */
const MAX_TRACKS = 300;

/** Remembers of each thing what was measured of it, and when it changed. */
export class TrackRecords {
  readonly records = new Map<number, TrackRecord>();
  #left = 0;

  /** How many things there was no room for. */
  get leftOut(): number {
    return this.#left;
  }

  /** Takes in what is known now; answers the things whose phase has changed. */
  take(view: SceneView): Track[] {
    return view.tracks.filter((track) => this.#note(track, view));
  }

  #note(track: Track, view: SceneView): boolean {
    const record = this.records.get(track.id) ?? this.#begin(track);
    if (record === null) return false;
    const { left, top, right, bottom } = track.component.rect;
    record.box = [left, top, right - left, bottom - top];
    record.reportedAs = track.reportedAs;
    record.samples.push(sampleOf(track, view));
    if (record.samples.length > MAX_SAMPLES) thin(record.samples);
    const { phase } = track.life;
    if (record.phases.at(-1)?.phase === phase) return false;
    record.phases.push({ t: view.t, phase });
    return true;
  }

  #begin({ id }: Track): TrackRecord | null {
    if (this.records.size >= MAX_TRACKS) {
      this.#left++;
      return null;
    }
    const record: TrackRecord = { id, reportedAs: null, box: [0, 0, 0, 0], phases: [], samples: [] };
    this.records.set(id, record);
    return record;
  }
}

function sampleOf(track: Track, view: SceneView): Sample {
  const { life, dwellS } = track;
  const aloneS = life.aloneT === null ? 0 : view.t - life.aloneT;
  return { t: view.t, phase: life.phase, aloneS, dwellS, measurements: view.measure(track) };
}

function thin(samples: Sample[]): void {
  for (let i = samples.length - 2; i > 0; i -= 2) samples.splice(i, 1);
}
