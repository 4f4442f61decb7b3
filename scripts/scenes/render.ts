import type { Frame } from '#agent/ports/frames.ts';
import { Brush } from './brush.ts';
import { drawFigure, handOf } from './figure.ts';
import type { Ground } from './optics.ts';
import { between } from './optics.ts';
import type { Actor, Prop, Whereabouts } from './play.ts';
import type { Scene } from './scene.ts';
import { CameraSensor } from './sensor.ts';
import type { Occluder } from './stage.ts';
import { drawCar, drawContactShadow, drawThing } from './things.ts';

/** The pictures of a scene, in order. */
export function* framesOf(scene: Scene): Generator<Frame> {
  const { width, height } = scene.stage.optics.size;
  const picture = new Float32Array(width * height);
  const sensor = new CameraSensor({ width, height }, scene.sensor, scene.seed + 1);
  const count = Math.floor(scene.durationS * scene.framesPerSecond);
  for (let index = 0; index < count; index++) {
    const t = index / scene.framesPerSecond;
    drawScene(picture, scene, t);
    yield { width, height, t, data: sensor.expose(picture, scene.lightAt(t), scene.lamps, t) };
  }
}

/** What has a place in depth: the farther is drawn first. */
interface Layer {
  readonly z: number;
  readonly draw: () => void;
}

/** Draws the scene at `t` into `picture`, in the light it is designed in. */
export function drawScene(picture: Float32Array, scene: Scene, t: number): void {
  const { stage } = scene;
  picture.set(stage.base);
  const brush = new Brush(picture, stage.optics.size);
  for (const backdrop of scene.backdrops) backdrop(brush, t);
  const actors = scene.actors.filter((actor) => actor.isIn(t));
  const layers: Layer[] = [];
  for (const actor of actors) {
    const at = actor.placeAt(t);
    if (at === null) continue;
    drawShadow(brush, scene, at, actor.looks.heightM);
    layers.push({ z: at.z, draw: () => drawActor(brush, scene, actor, at, t) });
  }
  for (const prop of scene.props) layers.push(...layersOf(brush, scene, prop, t));
  for (const { car, placeAt } of scene.cars) {
    const at = placeAt(t);
    if (at !== null) layers.push({ z: at.z, draw: () => drawCar(brush, car, ...spotOf(scene, at)) });
  }
  for (const occluder of stage.occluders) {
    layers.push({
      z: occluder.z,
      draw: () => restore(picture, stage.base, occluder, stage.optics.size.width),
    });
  }
  for (const { draw } of layers.sort((a, b) => b.z - a.z)) draw();
  for (const overlay of scene.overlays) overlay(brush, t);
}

/** Column, row and pixels a metre of a place on the floor. */
function spotOf({ stage: { optics } }: Scene, at: Ground): [number, number, number] {
  return [optics.columnOf(at), optics.rowOf(at.z), optics.scaleAt(at.z)];
}

function drawActor(brush: Brush, scene: Scene, actor: Actor, at: Ground, t: number): void {
  const [column, row, pxPerM] = spotOf(scene, at);
  const pose = actor.poseAt(t);
  const { gloss } = scene.stage;
  const footing = { column, row, pxPerM, flip: 1 as const, alpha: 1 };
  if (gloss > 0) drawFigure(brush, actor.looks, pose, { ...footing, flip: -1, alpha: gloss });
  drawFigure(brush, actor.looks, pose, footing);
  for (const { thing, story } of scene.props) {
    const now = story.find(({ from, to }) => t >= from && t < to);
    if (now === undefined || !('carrier' in now) || now.carrier !== actor) continue;
    const hand = handOf(actor.looks, pose);
    if (thing.isRolled) {
      const behind = pose.facing >= 0 ? -0.45 : 0.45;
      drawThing(brush, thing, column + behind * pxPerM, row, pxPerM);
    } else {
      const lift = Math.max(0.02, hand.y - 0.92 * thing.heightM);
      drawThing(brush, thing, column + hand.x * pxPerM, row - lift * pxPerM, pxPerM);
    }
  }
}

function layersOf(brush: Brush, scene: Scene, { thing, story }: Prop, t: number): Layer[] {
  const now = story.find(({ from, to }) => t >= from && t < to);
  if (now === undefined || 'carrier' in now) return [];
  const [at, liftM] = placeOf(now, t);
  const [column, row, pxPerM] = spotOf(scene, at);
  const draw = () => {
    if (liftM === 0) drawContactShadow(brush, thing, column, row, pxPerM);
    drawThing(brush, thing, column, row - liftM * pxPerM, pxPerM);
  };
  if (liftM === 0) drawShadow(brush, scene, at, thing.heightM);
  return [{ z: at.z - 0.01, draw }];
}

function placeOf(now: Exclude<Whereabouts, { carrier: Actor }>, t: number): [Ground, number] {
  if ('at' in now) return [now.at, now.liftM];
  const share = (t - now.from) / (now.to - now.from);
  const { from, to, heightM } = now.flying;
  return [between(from, to, share), Math.max(0.01, heightM * (1 - share * share))];
}

/** Long and hard in the sun, a dim spot under lamps. */
function drawShadow(brush: Brush, scene: Scene, at: Ground, heightM: number): void {
  const [column, row, pxPerM] = spotOf(scene, at);
  const { sun, stage } = scene;
  if (sun === null) {
    const wide = (0.14 + 0.1 * heightM) * pxPerM;
    brush.ellipse(column, row, wide, 0.35 * wide, { gain: 0.78 }, 0.8);
    return;
  }
  const end = { x: at.x + sun.dx * heightM, z: Math.max(0.5, at.z + sun.dz * heightM) };
  const [endColumn, endRow, endScale] = [
    stage.optics.columnOf(end),
    stage.optics.rowOf(end.z),
    stage.optics.scaleAt(end.z),
  ];
  const thick = 0.04 + 0.06 * heightM;
  brush.capsule(column, row, endColumn, endRow, thick * pxPerM, thick * endScale, { gain: sun.gain });
}

function restore(
  picture: Float32Array,
  base: Float32Array,
  { left, right, top, bottom }: Occluder,
  width: number,
): void {
  const from = Math.max(0, Math.floor(left));
  const to = Math.min(width, Math.ceil(right));
  for (let y = Math.max(0, Math.floor(top)); y < bottom && (y + 1) * width <= picture.length; y++) {
    picture.set(base.subarray(y * width + from, y * width + to), y * width + from);
  }
}
