import { basename, extname } from 'node:path';
import * as z from 'zod';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { builtOver, driverUses } from '#agent/profile/driver-uses.ts';
import type { Finding, Lintable, Rule } from './rule.ts';

/** Its samples go to the site's telemetry, where a person may look; but nothing and nobody is told of them. */
function unreadSensors({ sensors }: DeviceProfile): Finding[] {
  return sensors.flatMap(({ name, thresholds }, at) => {
    if (thresholds.length > 0) return [];
    const message = `nobody is told what ${name} reads: it has no threshold`;
    const hint = 'write thresholds: [{ direction: above, limit: …, clear: … }], or take the sensor away';
    return [{ path: `sensors[${at}]`, message, hint }];
  });
}

function unusedBoards({ boards, ...profile }: DeviceProfile): Finding[] {
  const uses = driverUses({ boards, ...profile });
  const named = [...uses, ...uses.flatMap(builtOver)].map(({ config }) => config.board);
  return boards.flatMap(({ name }, at) => {
    if (named.includes(name)) return [];
    return [
      {
        path: `boards[${at}]`,
        message: `no part is on ${name}`,
        hint: 'name it as board of a part, or take it away',
      },
    ];
  });
}

/** A contact that releases a door tells nothing by itself. */
function unusedDoors({ inputs, camera }: DeviceProfile): Finding[] {
  const watched = (camera?.watches.tailgating ?? []).map(({ input }) => input);
  return inputs.flatMap(({ name, kind }, at) => {
    if (kind !== 'door' || watched.includes(name)) return [];
    const hint = `name it as input of a line of camera.watches.tailgating, or take it away`;
    return [{ path: `inputs[${at}]`, message: `nothing asks whether ${name} lets somebody in`, hint }];
  });
}

function unusedWaypoints({ waypoints, camera, base }: DeviceProfile): Finding[] {
  if (waypoints.length === 0 || (camera !== undefined && base !== undefined)) return [];
  const lacking = camera === undefined ? 'camera' : 'base';
  return [
    {
      path: 'waypoints',
      message: `nothing is compared there: the device has no ${lacking}`,
      hint: `add a ${lacking}, or take them away`,
    },
  ];
}

function silentSiren({ panic, siren }: DeviceProfile): Finding[] {
  if (!panic.siren || siren !== undefined) return [];
  const hint = 'add siren, or write false';
  return [{ path: 'panic.siren', message: 'is true, and there is no siren', hint }];
}

function footlessRobot({ kind, base }: DeviceProfile): Finding[] {
  if (kind !== 'robot' || base !== undefined) return [];
  const message = 'is robot, and there is no base: nobody would know where it is';
  return [{ path: 'kind', message, hint: 'add base, or write another kind' }];
}

/** One finding for all, so that it does not bury the rest. */
function simulated({ profile, subject }: Lintable): Finding[] {
  if (subject === 'model') return [];
  const uses = driverUses(profile).filter(({ config }) => config.driver === 'sim');
  const [first] = uses;
  if (first === undefined) return [];
  const parts = uses.map(({ path }) => path.replace(/\.with$/, ''));
  const message = `${parts.length === 1 ? 'is' : 'and others are'} simulated: ${parts.join(', ')}`;
  return [
    { path: first.path, message, hint: 'name real drivers before it leaves the workshop (docs/profiles.md)' },
  ];
}

function otherName({ file, profile: { name } }: Lintable): Finding[] {
  const fileName = basename(file, extname(file));
  if (name === fileName) return [];
  return [{ path: 'name', message: `is ${name} in a file ${fileName}`, hint: `write name: ${fileName}` }];
}

const Reading = z.looseObject({
  driver: z.string(),
  channel: z.string().optional(),
  property: z.string().optional(),
  measure: z.string().optional(),
  times: z.number().optional(),
});

/** What the kernel's files and the receivers are read in (docs/inputs.md), by driver and the beginning of what is read. */
const UNITS: readonly (readonly [driver: string, what: RegExp, unit: string])[] = [
  ['hwmon', /^temp/, 'Cel'],
  ['hwmon', /^humidity/, '%'],
  ['hwmon', /^in\d/, 'V'],
  ['hwmon', /^curr/, 'A'],
  ['hwmon', /^power/, 'W'],
  ['iio', /^temp/, 'Cel'],
  ['iio', /^humidityrelative/, '%'],
  ['iio', /^pressure/, 'kPa'],
  ['iio', /^illuminance/, 'lx'],
  ['power', /^capacity/, '%'],
  ['power', /^online/, '1'],
  ['power', /^voltage_now/, 'V'],
  ['power', /^current_now/, 'A'],
  ['power', /^temp/, 'Cel'],
  ['modem', /^quality/, '%'],
  ['modem', /^registered/, '1'],
  ['modem', /^rss|^rsrp/, 'dBm'],
  ['gnss', /^distance/, 'm'],
  ['gnss', /^(satellites|hdop)/, '1'],
];

function otherUnit({ sensors }: DeviceProfile): Finding[] {
  return sensors.flatMap(({ unit, with: choice }, at) => {
    const { driver, channel, property, measure, times = 1 } = Reading.safeParse(choice).data ?? {};
    const what = channel ?? property ?? measure ?? '';
    const known = UNITS.find(([name, pattern]) => name === driver && pattern.test(what));
    // A factor may make anything of it.
    if (known === undefined || times !== 1 || known[2] === unit) return [];
    const message = `is ${unit}, and ${driver} reads ${what} in ${known[2]}`;
    return [{ path: `sensors[${at}].unit`, message, hint: `write ${known[2]}, and thresholds in it` }];
  });
}

/** Of a switch (unit 1) there is nothing between 0 and 1 to come back through. */
function noWayBack({ sensors }: DeviceProfile): Finding[] {
  return sensors.flatMap(({ unit, thresholds }, at) =>
    thresholds.flatMap(({ limit, clear }, j) => {
      if (unit === '1' || limit !== clear) return [];
      const message = `is ${clear}, as limit: noise at that level crosses it again and again`;
      return [{ path: `sensors[${at}].thresholds[${j}].clear`, message, hint: 'put it some deadbands away' }];
    }),
  );
}

export const PART_RULES: readonly Rule[] = [
  {
    code: 'WP4052',
    severity: 'warning',
    finds: 'a sensor nobody reads: no threshold, so that nobody is ever told',
    checks: [{ find: ({ profile }) => unreadSensors(profile) }],
  },
  {
    code: 'WP4053',
    severity: 'warning',
    finds:
      'a part that nothing uses: a board without parts, the contact of a door that no line of tailgating names, waypoints without camera or base',
    checks: [
      {
        needs: ['inputs', 'sensors', 'lamp', 'siren', 'actuators'],
        find: ({ profile }) => unusedBoards(profile),
      },
      { needs: ['camera'], find: ({ profile }) => unusedDoors(profile) },
      { needs: ['camera', 'base'], find: ({ profile }) => unusedWaypoints(profile) },
    ],
  },
  {
    code: 'WP4054',
    severity: 'warning',
    finds: 'simulated parts of a device of a site (with `--site-file`)',
    checks: [{ find: simulated }],
  },
  {
    code: 'WP4055',
    severity: 'warning',
    finds: 'a profile whose `name` is not that of its file',
    checks: [{ needs: ['name'], find: otherName }],
  },
  {
    code: 'WP4056',
    severity: 'error',
    finds: 'a sensor whose `unit` is not what its driver reads',
    checks: [{ find: ({ profile }) => otherUnit(profile) }],
  },
  {
    code: 'WP4057',
    severity: 'warning',
    finds: 'a threshold without hysteresis, except of a switch (unit 1)',
    checks: [{ find: ({ profile }) => noWayBack(profile) }],
  },
  {
    code: 'WP4059',
    severity: 'error',
    finds: 'something asked for that is not there: `panic.siren` without a siren, a robot without a base',
    checks: [
      { needs: ['panic', 'siren'], find: ({ profile }) => silentSiren(profile) },
      { needs: ['kind', 'base'], find: ({ profile }) => footlessRobot(profile) },
    ],
  },
];
