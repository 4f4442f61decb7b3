import type { Test } from 'tap';
import type { CameraPose } from '#agent/ports/vision-pose.ts';
import { Camera } from '#agent/vision/camera.ts';
import { PlaceFolder } from '#agent/vision/visits/place-folder.ts';
import { CAMERA_MOUNT, itineraryOf, type Visit } from '#scripts/scenes/round/itinerary.ts';
import { ROUND_SIZE } from '#scripts/scenes/round/judge.ts';
import { playRound } from '#scripts/scenes/round/play.ts';
import { scoreOf, type Told } from '#scripts/scenes/round/score.ts';

/**
 * One stop, five rounds, at which a thing comes and goes, with a process that is killed at each report: before it is said, or after it. Answers what
 * came of it to somebody who tells each beginning and each end of one id once, as the agent does.
 */
export function killedRound(t: Test, seed: number, when: 'before it is said' | 'after it is said') {
  const itinerary = itineraryOf({ seed, rounds: 5, stops: 1 });
  const onTrouble = (error: Error) => t.fail(error.message);
  const places = new PlaceFolder({ folder: t.testdir(), onTrouble });
  const told: Told[] = [];
  const said: string[] = [];
  const killedAt = new Set<string>();
  const killed: string[] = [];
  let [nowMs, ids] = [0, 0];
  let pose: CameraPose = { still: false };
  let visit: Visit | null = null;
  const process = () =>
    new Camera({
      dwellS: 6,
      evidenceDir: t.testdirName,
      newObjectId: () => `object-${++ids}`,
      mobile: { places, mount: CAMERA_MOUNT, wallMs: () => nowMs },
    });
  let camera = process();
  const kill = () => {
    camera = process();
    camera.setPose(pose);
  };
  const look = (frame: Parameters<Camera['judge']>[0], wallMs: number) => {
    nowMs = wallMs;
    for (const { detection } of camera.judge(frame)) {
      const { change, objectId, box } = detection;
      const word = `${change === 'left' ? 'left' : 'ended'} ${objectId}`;
      const isKilled = !killedAt.has(word) && change !== 'updated';
      killedAt.add(word);
      if (!isKilled || when === 'after it is said') {
        said.push(word);
        const isNews = said.indexOf(word) === said.length - 1;
        if (visit !== null && isNews) told.push({ change, objectId, box, visit });
      }
      if (!isKilled) continue;
      killed.push(word);
      kill();
      return;
    }
  };
  const setPose = (next: CameraPose) => {
    pose = next;
    camera.setPose(pose);
  };
  const [width, height] = ROUND_SIZE;
  playRound(itinerary, { width, height, framesPerSecond: 6 }, { setPose, look }, (next) => {
    visit = next;
  });
  return { score: scoreOf(itinerary, told, ROUND_SIZE), killed, said };
}

/** Plays it, and finds that each report came once. */
export function judgeKilledRound(t: Test, seed: number, when: Parameters<typeof killedRound>[2]): void {
  const { score, killed, said } = killedRound(t, seed, when);
  t.equal(killed.length, 2, killed.join());
  t.match(score, { things: 1, found: 1, gone: 1, toldGone: 1 }, said.join());
  t.match(score, { falseOnes: 0, doubles: 0, falselyGone: 0 });
}
