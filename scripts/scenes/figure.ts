import type { Brush } from './brush.ts';

/** What somebody looks like; levels are grey levels, lengths metres. */
export interface Looks {
  readonly heightM: number;
  readonly coat: number;
  readonly trousers: number;
  readonly skin: number;
  readonly hair: number;
  /** Width over the usual one: a coat, a winter jacket. */
  readonly stoutness: number;
  readonly hasLongCoat: boolean;
}

/** How somebody stands at one time. */
export interface Pose {
  /** Metres walked, for the swing of the legs. */
  readonly walkedM: number;
  readonly isWalking: boolean;
  /** -1 facing left to 1 facing right; near 0 towards or away from the camera. */
  readonly facing: number;
  /** 0 upright to 1 bent down. */
  readonly bent: number;
  readonly isSitting: boolean;
  /** Metres by which the upper body sways sideways, and radians by which an arm is raised. */
  readonly swayM: number;
  readonly armRaised: number;
}

/** Where the feet are in the picture and how many pixels a metre takes there; `flip` is -1 for a reflection. */
export interface Footing {
  readonly column: number;
  readonly row: number;
  readonly pxPerM: number;
  readonly flip: 1 | -1;
  readonly alpha: number;
}

const STEP_M = 0.7;
/** The light comes a little more from one side. */
const ROUNDNESS = 0.18;

/** Draws somebody: far leg and arm first, then body and head, then what is near. */
export function drawFigure(brush: Brush, looks: Looks, pose: Pose, footing: Footing): void {
  const joints = jointsOf(looks, pose);
  const { column, row, pxPerM, flip, alpha } = footing;
  const x = (at: Joint) => column + at.x * pxPerM;
  const y = (at: Joint) => row - flip * at.y * pxPerM;
  const limb = (from: Joint, to: Joint, r0: number, r1: number, level: number) =>
    brush.capsule(x(from), y(from), x(to), y(to), r0 * pxPerM, r1 * pxPerM, {
      level,
      alpha,
      roundness: ROUNDNESS,
    });
  const wide = looks.stoutness * (looks.heightM / 1.7);
  const { hip, shoulder, head, knees, feet, hands, elbows } = joints;
  for (const side of [0, 1] as const) {
    const shade = side === 0 ? 0.86 : 1;
    limb(hip, knees[side], 0.095 * wide, 0.07, looks.trousers * shade);
    limb(knees[side], feet[side], 0.07, 0.05, looks.trousers * shade);
    const toe = { x: feet[side].x + 0.13 * pose.facing, y: 0.03 };
    limb(feet[side], toe, 0.045, 0.035, 28);
    if (side === 0) drawArm(side);
  }
  if (looks.hasLongCoat) {
    limb({ x: hip.x, y: hip.y - 0.28 }, shoulder, 0.17 * wide, 0.17 * wide, looks.coat);
  } else limb(hip, { x: shoulder.x, y: shoulder.y - 0.05 }, 0.14 * wide, 0.175 * wide, looks.coat);
  drawFolds();
  limb({ x: head.x, y: head.y - 0.12 }, shoulder, 0.05, 0.06, looks.skin * 0.85);
  brush.ellipse(x(head), y(head), 0.092 * pxPerM, 0.125 * pxPerM, { level: looks.skin, alpha });
  brush.ellipse(
    x(head) - 0.035 * pose.facing * pxPerM,
    y(head) - flip * 0.05 * pxPerM,
    0.095 * pxPerM,
    0.09 * pxPerM,
    { level: looks.hair, alpha },
  );
  drawArm(1);

  /** No coat is of one level all over: folds, the opening, a collar. */
  function drawFolds(): void {
    const dark = looks.coat < 60 ? looks.coat + 28 : looks.coat * 0.7;
    for (const [at, r] of [
      [-0.07, 0.022],
      [0.015, 0.014],
      [0.09, 0.022],
    ] as const) {
      const foot = hip.y - (looks.hasLongCoat ? 0.26 : 0.02);
      limb({ x: hip.x + at, y: foot }, { x: shoulder.x + at * 1.15, y: shoulder.y - 0.06 }, r, r, dark);
    }
    limb(
      { x: shoulder.x - 0.06, y: shoulder.y },
      { x: shoulder.x + 0.06, y: shoulder.y },
      0.03,
      0.03,
      looks.coat * 1.25 + 8,
    );
  }

  function drawArm(side: 0 | 1): void {
    const shade = side === 0 ? 0.84 : 1.08;
    const from = { x: shoulder.x + (side === 0 ? -0.04 : 0.04), y: shoulder.y - 0.03 };
    limb(from, elbows[side], 0.06 * wide, 0.05, looks.coat * shade);
    limb(elbows[side], hands[side], 0.05, 0.042, looks.coat * shade);
    brush.ellipse(x(hands[side]), y(hands[side]), 0.045 * pxPerM, 0.05 * pxPerM, {
      level: looks.skin,
      alpha,
    });
  }
}

/** Metres from the point between the feet: to the right, and up. */
interface Joint {
  readonly x: number;
  readonly y: number;
}

interface Joints {
  readonly hip: Joint;
  readonly shoulder: Joint;
  readonly head: Joint;
  readonly knees: readonly [Joint, Joint];
  readonly feet: readonly [Joint, Joint];
  readonly elbows: readonly [Joint, Joint];
  readonly hands: readonly [Joint, Joint];
}

/** The hand that carries, seen from the point between the feet, in metres. */
export function handOf(looks: Looks, pose: Pose): Joint {
  return jointsOf(looks, pose).hands[1];
}

function jointsOf(looks: Looks, pose: Pose): Joints {
  const tall = looks.heightM;
  const phase = (pose.walkedM / STEP_M) * Math.PI;
  const stride = pose.isWalking ? Math.sin(phase) : 0;
  const bounce = pose.isWalking ? 0.02 * Math.cos(2 * phase) : 0;
  const sideways = Math.max(0.25, Math.abs(pose.facing)) * Math.sign(pose.facing || 1);
  const drop = pose.isSitting ? 0.24 * tall : 0.1 * tall * pose.bent;
  const hip = { x: pose.swayM * 0.5, y: 0.5 * tall - drop + bounce };
  const lean = 0.32 * tall * pose.bent * sideways;
  const back = (0.32 - 0.16 * pose.bent) * tall;
  const shoulder = { x: hip.x + lean + pose.swayM, y: hip.y + back };
  const head = { x: shoulder.x + lean * 0.35 + 0.01, y: shoulder.y + (0.125 - 0.06 * pose.bent) * tall };
  const legs = [1, -1].map((sign) => legOf(hip, tall, sign * stride, sideways, pose.isSitting, sign));
  const arms = [-1, 1].map((sign) => armOf(shoulder, tall, sign * stride, sideways, pose, sign));
  const [far = arms[0], near = arms[1]] = arms;
  const [left = legs[0], right = legs[1]] = legs;
  const none = { knee: hip, foot: hip, elbow: hip, hand: hip };
  return {
    hip,
    shoulder,
    head,
    knees: [(left ?? none).knee, (right ?? none).knee],
    feet: [(left ?? none).foot, (right ?? none).foot],
    elbows: [(far ?? none).elbow, (near ?? none).elbow],
    hands: [(far ?? none).hand, (near ?? none).hand],
  };
}

function legOf(
  hip: Joint,
  tall: number,
  stride: number,
  sideways: number,
  isSitting: boolean,
  sign: number,
): { knee: Joint; foot: Joint } {
  if (isSitting) {
    const knee = { x: hip.x + 0.2 * sideways + 0.05 * sign, y: hip.y + 0.01 };
    return { knee, foot: { x: knee.x + 0.03 * sideways, y: 0.05 } };
  }
  const lift = Math.max(0, stride) * 0.07;
  const foot = {
    x: hip.x * 0.3 + stride * 0.27 * sideways + 0.06 * sign * (1 - Math.abs(sideways) * 0.6),
    y: 0.05 + lift,
  };
  const knee = {
    x: (hip.x + foot.x) / 2 + 0.05 * sideways * (0.4 + Math.max(0, stride)),
    y: (hip.y + foot.y) / 2 + 0.01 * tall,
  };
  return { knee, foot };
}

function armOf(
  shoulder: Joint,
  tall: number,
  stride: number,
  sideways: number,
  pose: Pose,
  sign: number,
): { elbow: Joint; hand: Joint } {
  const raised = sign > 0 ? pose.armRaised : 0;
  const swing = -stride * 0.5 * sideways + raised * sideways + pose.bent * 0.25 * sideways;
  const apart = 0.17 * sign * (1 - 0.6 * Math.abs(sideways));
  const upper = 0.17 * tall;
  const elbow = {
    x: shoulder.x + apart + upper * Math.sin(swing),
    y: shoulder.y - 0.03 - upper * Math.cos(swing),
  };
  const bend = swing * 1.5 + 0.15 * sideways;
  return {
    elbow,
    hand: { x: elbow.x + upper * 0.95 * Math.sin(bend), y: elbow.y - upper * 0.95 * Math.cos(bend) },
  };
}
