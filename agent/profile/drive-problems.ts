import type { DriveArea, DriveSettings } from '#agent/ports/drive.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { ProfileProblem } from './problem.ts';
import { outlineProblem } from './zone-problems.ts';

type Problem = Pick<ProfileProblem, 'code' | 'path' | 'message' | 'hint'>;

/** What is wrong with the drive of a robot; paths from the profile on. */
export function driveProblems({ drive, base }: Pick<DeviceProfile, 'drive' | 'base'>): Problem[] {
  if (drive === undefined) return [];
  if (base === undefined) {
    const hint = 'name its base, or take the drive out';
    return [{ code: 'WP2822', path: 'drive', message: 'is for a device that has no base', hint }];
  }
  return [...orderProblems(drive), ...drive.areas.flatMap(areaProblems)];
}

/** Pairs of which the first is not to pass the second. */
const ORDERED = [
  ['slowMps', 'maxMps'],
  ['criticalBattery', 'lowBattery'],
  ['lowBattery', 'chargedBattery'],
] as const;

const orderProblems = (drive: DriveSettings): Problem[] =>
  ORDERED.filter(([less, more]) => drive[less] > drive[more]).map(([less, more]) => ({
    code: 'WP2820',
    path: `drive.${less}`,
    message: `is ${drive[less]}, more than ${more} (${drive[more]})`,
    hint: `at most ${drive[more]}`,
  }));

function areaProblems({ bounds, noGo, slow }: DriveArea, index: number): Problem[] {
  const at = `drive.areas[${index}]`;
  const outlines = [
    { path: `${at}.bounds`, polygon: bounds },
    ...noGo.map((polygon, n) => ({ path: `${at}.noGo[${n}]`, polygon })),
    ...slow.map(({ polygon }, n) => ({ path: `${at}.slow[${n}].polygon`, polygon })),
  ];
  return outlines.flatMap(({ path, polygon }) => {
    const problem = outlineProblem(polygon);
    return problem === null ? [] : [{ code: 'WP2821' as const, path, ...problem }];
  });
}
