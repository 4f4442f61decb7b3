import { type Detection, Detector } from '#agent/vision/detector.ts';
import { framesOf } from '../scenes/render.ts';
import { type Scenario, sceneOf } from '../scenes/scenario.ts';
import { SCENARIOS } from '../scenes/scenarios.ts';
import type { Scene } from '../scenes/scene.ts';
import { type SceneTruth, truthsOf } from '../scenes/truth.ts';
import {
  type CurvePoint,
  curveOf,
  precisionOf,
  recallOf,
  type Score,
  scoreOf,
  type Tally,
  tallyOf,
} from './detect-score.ts';
import { rounded } from './figures.ts';

/** What came of one scene. */
export interface SceneResult {
  readonly scenario: string;
  readonly seed: number;
  readonly score: Score;
  /** Seconds after it was due that each found thing was reported. */
  readonly lateS: readonly number[];
  /** Of things taken after the report: how many, and how many of those ended as it was (fetched by the owner, or not). */
  readonly ends: { readonly expected: number; readonly right: number };
}

export interface SceneRow extends Tally {
  readonly scenario: string;
  readonly scenes: number;
  readonly missed: readonly string[];
  readonly falseIn: readonly string[];
}

export interface ScenesBench {
  readonly rows: readonly SceneRow[];
  readonly scenes: number;
  readonly total: Tally & { readonly precision: number; readonly recall: number };
  /** Seconds after the thing was due: the middle, and of nineteen in twenty. */
  readonly lateS: { readonly p50: number; readonly p95: number };
  readonly ends: { readonly expected: number; readonly right: number };
  /** How well the score tells right from wrong. */
  readonly curve: readonly CurvePoint[];
}

export interface ScenesOptions {
  /** Scenes in all, dealt out to the scenarios in turns. */
  readonly seeds?: number | undefined;
  readonly firstSeed?: number | undefined;
  /** Only scenarios with this in their name. */
  readonly only?: string | undefined;
  readonly onScene?: (result: SceneResult) => void;
}

const SEEDS = 220;

/** Draws and judges scenes one after another. */
export function benchScenes({
  seeds = SEEDS,
  firstSeed = 1,
  only = '',
  onScene = () => undefined,
}: ScenesOptions = {}): ScenesBench {
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(only));
  const results: SceneResult[] = [];
  for (let at = 0; at < (scenarios.length === 0 ? 0 : seeds); at++) {
    const scenario = scenarios[at % scenarios.length];
    if (scenario === undefined) break;
    const result = judgeScene(scenario, firstSeed + Math.floor(at / scenarios.length));
    results.push(result);
    onScene(result);
  }
  return summaryOf(scenarios, results);
}

/** Draws one scene and judges it by its truth. */
export function judgeScene(scenario: Scenario, seed: number): SceneResult {
  const scene = sceneOf(scenario, seed);
  const truths = truthsOf(scene);
  const detections = detectionsIn(scene);
  const left = detections.filter(({ change }) => change === 'left');
  const needed = truths.filter(({ isOptional }) => !isOptional);
  const score = scoreOf(truths, left);
  const findings = score.findings.filter((_, at) => truths[at]?.isOptional === false);
  return {
    scenario: scenario.name,
    seed,
    score: { findings, falseAlarms: score.falseAlarms },
    lateS: findings.flatMap(({ raised }, at) =>
      raised === null ? [] : [raised.t - (needed[at]?.dueT ?? raised.t)],
    ),
    ends: endsOf(needed, findings, detections),
  };
}

/** All that the detector says of a scene. */
export function detectionsIn(scene: Scene): readonly Detection[] {
  let id = 0;
  const detectorFor = () => {
    const { width, height } = scene.stage.optics.size;
    return new Detector({ width, height, dwellS: scene.dwellS, newObjectId: () => `object-${++id}` });
  };
  const { atT, gapS } = scene.restart ?? { atT: Number.POSITIVE_INFINITY, gapS: 0 };
  let detector = detectorFor();
  let isRestarted = false;
  const detections: Detection[] = [];
  for (const frame of framesOf(scene)) {
    if (frame.t >= atT && frame.t < atT + gapS) continue;
    if (frame.t >= atT && !isRestarted) {
      isRestarted = true;
      detector = restarted(detector, detectorFor(), gapS);
    }
    detections.push(...detector.push(frame));
  }
  return detections;
}

/** A new detector that knows what the old one kept, through the bytes it would be kept in. */
function restarted(old: Detector, next: Detector, gapS: number): Detector {
  const memory = old.save();
  if (memory !== null) next.restore(structuredClone(memory), gapS);
  return next;
}

function endsOf(
  truths: readonly SceneTruth[],
  findings: Score['findings'],
  detections: readonly Detection[],
): SceneResult['ends'] {
  let [expected, right] = [0, 0];
  truths.forEach(({ ends }, at) => {
    const raised = findings[at]?.raised;
    if (ends === null || raised === null || raised === undefined) return;
    expected++;
    const { objectId } = detections.find(({ box }) => box === raised.box) ?? {};
    if (detections.some((one) => one.objectId === objectId && one.change === ends)) right++;
  });
  return { expected, right };
}

/** Adds up results, also those of several runs. */
export function summaryOf(scenarios: readonly Scenario[], results: readonly SceneResult[]): ScenesBench {
  const tally = tallyOf(results.map(({ score }) => score));
  const late = results.flatMap(({ lateS }) => lateS).sort((a, b) => a - b);
  const at = (share: number) => rounded(late[Math.round(share * (late.length - 1))] ?? 0, 1);
  const ends = results.map((result) => result.ends);
  return {
    rows: scenarios.map(({ name }) => rowOf(name, results)).filter(({ scenes }) => scenes > 0),
    scenes: results.length,
    total: { ...tally, precision: rounded(precisionOf(tally), 4), recall: rounded(recallOf(tally), 4) },
    lateS: { p50: at(0.5), p95: at(0.95) },
    ends: {
      expected: ends.reduce((sum, { expected }) => sum + expected, 0),
      right: ends.reduce((sum, { right }) => sum + right, 0),
    },
    curve: curveOf(results.map(({ score }) => score)).map(({ leastScore, precision, recall }) => ({
      leastScore,
      precision: rounded(precision, 4),
      recall: rounded(recall, 4),
    })),
  };
}

function rowOf(scenario: string, results: readonly SceneResult[]): SceneRow {
  const own = results.filter((result) => result.scenario === scenario);
  return {
    scenario,
    scenes: own.length,
    ...tallyOf(own.map(({ score }) => score)),
    missed: own
      .filter(({ score }) => score.findings.some(({ raised }) => raised === null))
      .map(({ seed }) => `seed ${seed}`),
    falseIn: own.flatMap(({ score, seed }) =>
      score.falseAlarms.map(({ t }) => `seed ${seed} at ${t.toFixed(1)} s`),
    ),
  };
}
