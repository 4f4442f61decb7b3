import type { CameraMount, CameraPose, VisitReport } from '#agent/ports/vision-pose.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import type { Detection } from '../judgement/detection.ts';
import type { SceneView } from '../scene-view.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { ScaleMemory } from '../tracking/person-scale.ts';
import { ZoneMap } from '../zones/zone-map.ts';
import { cellGridOf } from './edge-map.ts';
import { nearRowOf, scaleOf } from './mount.ts';
import { Parking, type Phase } from './parking.ts';
import { Place } from './place.ts';
import { Stay } from './stay.ts';

/** Where places are remembered. */
export interface PlaceStore {
  /** The place seen in about this direction, in pictures of this size; null when it was never seen. */
  find(waypoint: string, heading: number, grid: Place['grid']): Place | null;
  save(place: Place): void;
}

export interface VisitsOptions {
  readonly dwellS: number;
  readonly zones: readonly Zone[];
  readonly newObjectId: () => string;
  /** Null: no place is compared, things are only found while they are left. */
  readonly places: PlaceStore | null;
  /** Where it is known, people are not needed to learn the scale from. */
  readonly mount?: CameraMount | undefined;
  readonly wallMs: () => number;
}

/** A view that could not be brought into line so often is begun anew: the place was rebuilt, or its name moved. */
const DISPLACED_VISITS = 3;

/** What a camera that is carried about makes of its stops: when it may judge, and what is new where it was before. */
export class Visits {
  readonly #options: VisitsOptions;
  readonly #parking = new Parking();
  readonly #reports: VisitReport[] = [];
  /** The camera hangs as high at each stop. */
  #scale: ScaleMemory | null = null;
  #stay: Stay | null = null;
  #hasStay = false;
  /** The place whose reports are on their way out: all of them are with the next picture. */
  #sending: Place | null = null;
  /** Ids that the detector gave to what was reported by comparison already. */
  readonly #aliases = new Map<string, string>();

  constructor(options: VisitsOptions) {
    this.#options = options;
  }

  get isParked(): boolean {
    return this.#parking.isParked;
  }

  setPose(pose: CameraPose): void {
    this.#parking.setPose(pose);
    if (!this.#parking.isParked) this.#leave();
  }

  /** The next picture comes: what the one before was reported for is said. */
  look(t: number): Phase {
    const sent = this.#sending;
    this.#sending = null;
    sent?.markSent();
    if (sent !== null) this.#options.places?.save(sent);
    return this.#parking.look(t);
  }

  /** Another picture source. */
  restart(): void {
    this.#leave();
    this.#parking.restart();
  }

  takeReports(): VisitReport[] {
    return this.#reports.splice(0);
  }

  /** Adds what comparing with earlier visits tells to what the detector has found. */
  judge(found: readonly Detection[], view: SceneView): Detection[] {
    if (!this.#hasStay) this.#arrive(view);
    this.#scale = view.isJudged ? view.scale.save() : this.#scale;
    const stay = this.#stay;
    if (stay === null) return [...found];
    const nowMs = this.#options.wallMs();
    const told = found.flatMap((detection) => this.#reconciled(detection, stay, view, nowMs));
    const compared = stay.look(view, nowMs);
    if (told.length + compared.length > 0) {
      // Before anything is said: a process that is killed on the way leaves the next one to say it, by the same id.
      this.#options.places?.save(stay.place);
      this.#sending = stay.place;
    }
    return [...told, ...compared];
  }

  #arrive(view: SceneView): void {
    this.#hasStay = true;
    const { places, zones, dwellS, newObjectId, mount } = this.#options;
    if (mount !== undefined) this.#scale ??= scaleOf(mount, view.width, view.height);
    if (this.#scale !== null) view.scale.restore(this.#scale);
    const { waypoint, heading = 0 } = this.#parking.pose;
    if (waypoint === undefined || places === null) return;
    const grid = cellGridOf(view.width, view.height);
    const known = places.find(waypoint, heading, grid);
    const isLost = known !== null && known.displaced >= DISPLACED_VISITS;
    const place = known === null || isLost ? new Place(waypoint, known?.heading ?? heading, grid) : known;
    const map = new ZoneMap(zones, view.width, view.height, dwellS);
    this.#stay = new Stay({
      place,
      settings: DEFAULT_SETTINGS,
      nearRow: nearRowOf(mount, view.width, view.height),
      zoneAt: (foot) => map.at(foot),
      newObjectId,
    });
  }

  #leave(): void {
    const stay = this.#stay;
    this.#stay = null;
    this.#hasStay = false;
    this.#aliases.clear();
    if (stay === null) return;
    const report = stay.leave(this.#options.wallMs());
    if (report === null) return;
    this.#reports.push(report);
    this.#options.places?.save(stay.place);
  }

  /** What the detector has found beside what comparing has: one thing is reported once. */
  #reconciled(detection: Detection, stay: Stay, view: SceneView, nowMs: number): Detection[] {
    const { change, objectId, component } = detection;
    if (change === 'left') {
      const known = stay.reportedAt(component);
      if (known !== null) {
        this.#aliases.set(objectId, known);
        return [];
      }
      stay.adopt(detection, view, nowMs);
      return [detection];
    }
    const known = this.#aliases.get(objectId) ?? objectId;
    if (change === 'reclaimed' || change === 'removed') stay.forget(known);
    return [{ ...detection, objectId: known }];
  }
}
