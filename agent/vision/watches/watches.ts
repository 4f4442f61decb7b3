import type { Frame } from '#agent/ports/frames.ts';
import type { PersonHeights, Watches, WatchReport } from '#agent/ports/vision-watches.ts';
import type { SceneView } from '../scene-view.ts';
import { Crowd } from './crowd.ts';
import { countPeople } from './headcount.ts';
import { type ImpairmentMemory, Impairments } from './impairment/impairments.ts';
import { Loitering } from './loitering.ts';
import { PersonShape } from './person-shape.ts';
import { RestingPeople } from './resting.ts';
import { MeasuredScale, type WatchedScene } from './scene.ts';
import { Tailgating } from './tailgating.ts';

const COUNT_EVERY_S = 1;

/**
 * What a camera looks for beside things left behind. First the camera itself: a picture it finds `isBlind` is for
 * nobody to judge. Then the scene as the detector has left it. Without watches it costs nothing.
 */
export class CameraWatches {
  readonly #impairments: Impairments;
  readonly #crowds: readonly Crowd[];
  readonly #loiterings: readonly Loitering[];
  readonly #tailgatings: readonly Tailgating[];
  readonly #shape = new PersonShape();
  readonly #resting = new RestingPeople();
  readonly #heights: PersonHeights | null;
  #reports: WatchReport[] = [];
  #released: string[] = [];
  #countedT = Number.NEGATIVE_INFINITY;
  #lastT = Number.NEGATIVE_INFINITY;

  constructor({ crowd, loitering, tailgating, impairment, personHeights }: Watches) {
    this.#heights = personHeights ?? null;
    this.#impairments = new Impairments(impairment);
    this.#crowds = crowd.map((watch) => new Crowd(watch));
    this.#loiterings = loitering.map((watch) => new Loitering(watch));
    this.#tailgatings = tailgating.map((watch) => new Tailgating(watch, this.#shape));
  }

  /** The camera shows nothing now that anything could be judged by. */
  get isBlind(): boolean {
    return this.#impairments.isBlind;
  }

  /** Takes in a picture, before anybody else does. */
  lookAtPicture(frame: Frame): void {
    if (frame.t < this.#lastT) this.#restartClocks();
    this.#lastT = frame.t;
    this.#reports.push(...this.#impairments.look(frame));
  }

  /** Takes in the scene of a picture that is not blind. */
  lookAtScene(view: SceneView): void {
    for (const input of this.#released.splice(0)) {
      for (const tailgating of this.#tailgatings) tailgating.release(input, view.t);
    }
    const isWatched = this.#crowds.length + this.#loiterings.length + this.#tailgatings.length > 0;
    if (!isWatched || !view.isJudged) return;
    const scene = this.#measured(view);
    this.#shape.learn(scene);
    this.#resting.look(scene);
    for (const loitering of this.#loiterings) this.#reports.push(...loitering.look(scene, this.#resting));
    for (const tailgating of this.#tailgatings) this.#reports.push(...tailgating.look(scene));
    this.#count(scene);
  }

  #measured(view: SceneView): WatchedScene {
    if (this.#heights === null) return view;
    return { ...view, scale: new MeasuredScale(this.#heights, view.width, view.height) };
  }

  /** The door behind `input` was released: from the next picture on. */
  release(input: string): void {
    this.#released.push(input);
  }

  /** What is known of the camera's own faults, for a restart of the process; null where nothing is. */
  save(): ImpairmentMemory | null {
    return this.#impairments.save();
  }

  /** Before the first picture: what the process before knew. */
  restore(memory: ImpairmentMemory): void {
    this.#impairments.restore(memory);
  }

  /** What was found since it was asked last. */
  take(): WatchReport[] {
    return this.#reports.splice(0);
  }

  /** Another scene comes: nothing known of the one before holds. What has begun is told to end when it is seen to. */
  forget(): void {
    this.#impairments.forget();
    this.#restartClocks();
  }

  #count(view: WatchedScene): void {
    if (this.#crowds.length === 0 || view.t < this.#countedT + COUNT_EVERY_S - 1e-6) return;
    this.#countedT = view.t;
    if (view.isUnknown) {
      for (const crowd of this.#crowds) crowd.restart();
      return;
    }
    for (const crowd of this.#crowds) crowd.begin(view);
    countPeople(view, this.#shape, this.#resting, (column, row, people) => {
      for (const crowd of this.#crowds) crowd.add(column, row, people);
    });
    for (const crowd of this.#crowds) this.#reports.push(...crowd.end(view.t));
  }

  #restartClocks(): void {
    this.#impairments.restart();
    this.#resting.clear();
    for (const watch of [...this.#crowds, ...this.#loiterings, ...this.#tailgatings]) watch.restart();
    this.#countedT = Number.NEGATIVE_INFINITY;
    this.#lastT = Number.NEGATIVE_INFINITY;
  }
}
