import type * as z from 'zod';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { boardProblems } from './board-problems.ts';
import { driveProblems } from './drive-problems.ts';
import { builtOver, type DriverRole, type DriverUse, driverUses } from './driver-uses.ts';
import { guidanceProblems } from './guidance-problems.ts';
import { linesTwice } from './line-problems.ts';
import { childPath, type Located, originOf } from './origin.ts';
import { placeProblems } from './place-problems.ts';
import { ProfileError, type ProfileProblem, problemAt } from './problem.ts';
import { serialLinesTwice } from './serial-problems.ts';
import { voiceProblems } from './voice-problems.ts';
import { watchProblems } from './watch-problems.ts';
import { zoneProblems } from './zone-problems.ts';

/** For each role the drivers by name, each with the schema of its configuration (with the key `driver`). */
export type DriverSchemas = Readonly<Record<DriverRole, Readonly<Record<string, z.ZodType>>>>;

/**
 * @throws ProfileError WP4003 (shape), WP4007 (unknown driver), WP4008 (driver's configuration), WP4009 (names),
 * WP4010–WP4012 and WP4031 (pins of boards), WP4030 (rest of an actuator), WP4032 (a serial line twice), WP4033 (no coordinates), WP4015 (a GPIO line twice), WP2465–WP2467 (zones of the camera), WP2440–WP2443 (its
 * watches), WP2820–WP2822 (drive of a robot), WP2513–WP2515 (hours of the volume), WP4020–WP4023 (what visitors are told)
 */
export function validateProfile(located: Located, file: string, drivers: DriverSchemas): DeviceProfile {
  const report = (code: ProfileProblem['code'], path: string, message: string, hint: string) =>
    problemAt(originOf(located.origins, path), { code, path, message, hint }, file);
  const parsed = DeviceProfile.safeParse(located.value);
  if (!parsed.success) {
    throwIfAny(parsed.error.issues.map((issue) => report('WP4003', ...shapeProblem(issue, located.value))));
  }
  const profile = DeviceProfile.parse(located.value);
  const uses = driverUses(profile);
  const hanging = [...uses, ...uses.flatMap(builtOver)];
  throwIfAny([
    ...uses.flatMap((use) => driverProblems(use, drivers, report)),
    ...[
      ...linesTwice(hanging),
      ...boardProblems(profile.boards, hanging),
      ...serialLinesTwice(hanging),
      ...placeProblems(profile, hanging),
    ].map(({ code, path, message, hint }) => report(code, path, message, hint)),
    ...sameNames('boards', profile.boards, report),
    ...sameNames('inputs', profile.inputs, report),
    ...sameNames('sensors', profile.sensors, report),
    ...sameNames('actuators', profile.actuators, report),
    ...restProblems(profile, report),
    ...thresholdProblems(profile, report),
    ...sameNames('camera.zones', profile.camera?.zones ?? [], report),
    ...zoneProblems(profile.camera?.zones ?? []).map(({ code, path, message, hint }) =>
      report(code, `camera.zones${path}`, message, hint),
    ),
    ...(['crowd', 'loitering', 'tailgating'] as const).flatMap((kind) =>
      sameNames(`camera.watches.${kind}`, profile.camera?.watches[kind] ?? [], report),
    ),
    ...watchProblems(profile).map(({ code, path, message, hint }) =>
      report(code, `camera.watches${path}`, message, hint),
    ),
    ...guidanceProblems(profile).map(({ code, path, message, hint }) => report(code, path, message, hint)),
    ...driveProblems(profile).map(({ code, path, message, hint }) => report(code, path, message, hint)),
    ...voiceProblems(profile.voice).map(({ code, path, message, hint }) =>
      report(code, `voice${path}`, message, hint),
    ),
  ]);
  return profile;
}

type Report = (code: ProfileProblem['code'], path: string, message: string, hint: string) => ProfileProblem;

function throwIfAny(problems: readonly ProfileProblem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ProfileError([first, ...rest]);
}

/** Path, message and hint of one complaint of the schema. */
function shapeProblem(issue: z.core.$ZodIssue, root: unknown): [string, string, string] {
  const path = issue.path.reduce<string>(
    (at, key) => childPath(at, typeof key === 'number' ? key : String(key)),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return [
      childPath(path, key),
      'is not a key of a profile here',
      `check the spelling, or remove it (${hintFor(path)})`,
    ];
  }
  if (issue.code === 'invalid_type' && valueAt(root, issue.path) === undefined) {
    return [path, 'is missing', `give a value of type ${issue.expected}`];
  }
  return [path, `is ${shown(valueAt(root, issue.path))}`, issue.message];
}

const hintFor = (path: string): string =>
  `the keys of ${path === '' ? 'a profile' : path} stand in device-profiles/schema/profile.schema.json`;

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let at = root;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'missing';

function driverProblems(
  { role, path, config }: DriverUse,
  drivers: DriverSchemas,
  report: Report,
): ProfileProblem[] {
  const { driver } = config;
  const known = drivers[role];
  const schema = Object.hasOwn(known, driver) ? known[driver] : undefined;
  if (schema === undefined) {
    const names = Object.keys(known).join(', ');
    return [report('WP4007', `${path}.driver`, `no driver ${driver} for a ${role}`, `use one of: ${names}`)];
  }
  const parsed = schema.safeParse(config);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => {
    const [inner, message, hint] = shapeProblem(issue, config);
    return report('WP4008', inner === '' ? path : `${path}.${inner}`, message, hint);
  });
}

function sameNames(list: string, parts: readonly { name: string }[], report: Report): ProfileProblem[] {
  return parts
    .map(({ name }, i) => ({ name, i, first: parts.findIndex((part) => part.name === name) }))
    .filter(({ i, first }) => first !== i)
    .map(({ name, i, first }) =>
      report(
        'WP4009',
        `${list}[${i}].name`,
        `${name} is also the name of ${list}[${first}]`,
        'give each part its own name',
      ),
    );
}

function restProblems({ actuators }: DeviceProfile, report: Report): ProfileProblem[] {
  return actuators.flatMap(({ positions, rest }, i) => {
    if (Object.hasOwn(positions, rest)) return [];
    const hint = `use one of: ${Object.keys(positions).join(', ')}`;
    return [report('WP4030', `actuators[${i}].rest`, `there is no position ${rest}`, hint)];
  });
}

/** `clear` must lie on the normal side of `limit`, or the threshold could never come back. */
function thresholdProblems({ sensors }: DeviceProfile, report: Report): ProfileProblem[] {
  return sensors.flatMap(({ thresholds }, i) =>
    thresholds.flatMap(({ direction, limit, clear }, j) => {
      const right = direction === 'above' ? clear <= limit : clear >= limit;
      if (right) return [];
      const side = direction === 'above' ? 'at or below' : 'at or above';
      const path = `sensors[${i}].thresholds[${j}].clear`;
      return [
        report('WP4009', path, `is ${clear} with the limit ${limit}`, `write a value ${side} the limit`),
      ];
    }),
  );
}
