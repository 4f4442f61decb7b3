import * as z from 'zod';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { Finding, Rule } from './rule.ts';
import { endlessPrompts } from './words.ts';

/** Fire alarm within 10 s of the detector: EN 54-2, 7.1. */
const SMOKE_WITHIN_S = 10;
/** A short press of a finger: keys are held for about 100 ms in ordinary typing (Dhakal and others, CHI 2018). */
const SHORT_PRESS_MS = 100;
const QUIET_DB = -10;

const Debounced = z.looseObject({ debounceMs: z.number() });
const Polled = z.looseObject({ driver: z.literal('supervised'), everyMs: z.number() });

function keptMoreOftenThanRead({ sensors }: DeviceProfile): Finding[] {
  return sensors.flatMap(({ periodS, atLeastEveryS }, at) => {
    if (atLeastEveryS >= periodS) return [];
    const message = `is ${atLeastEveryS}, and it is read every ${periodS} s`;
    return [{ path: `sensors[${at}].atLeastEveryS`, message, hint: `write ${periodS} or more` }];
  });
}

/** The window less the slots for alarms is what events and telemetry get. */
function noSlotForEvents({ link: { window, alarmSlots } }: DeviceProfile): Finding[] {
  if (alarmSlots < window) return [];
  const message = `is ${alarmSlots} of a window of ${window}: no event would ever be sent`;
  return [{ path: 'link.alarmSlots', message, hint: `write ${Math.max(1, Math.floor(window / 5))}` }];
}

/** The daily test alarm proves the path; a site that hears nothing for longer has raised a fault long before. */
function supervisedAfterTest({ supervisionS, testEveryH }: DeviceProfile): Finding[] {
  if (supervisionS < testEveryH * 3600) return [];
  const message = `is ${supervisionS}: a dead device is missed no sooner than by its test alarm, every ${testEveryH} h`;
  return [{ path: 'supervisionS', message, hint: 'write minutes: 60 with a link of its own, 180 over 4G' }];
}

function lostBeforeBack({ supervisionS, link }: DeviceProfile): Finding[] {
  if (link.backoffMaxS <= supervisionS) return [];
  const message = `is ${link.backoffMaxS}: after an outage the device may try again only after the site has told it as lost (${supervisionS} s)`;
  return [{ path: 'link.backoffMaxS', message, hint: `write ${supervisionS} or less` }];
}

function lateHazards({ sensors }: DeviceProfile): Finding[] {
  return sensors.flatMap(({ periodS, thresholds }, at) => {
    const hazard = thresholds.find(({ alarm }) => alarm === 'smoke');
    if (hazard === undefined || periodS <= SMOKE_WITHIN_S) return [];
    const message = `is ${periodS}: smoke is told up to ${periodS} s late`;
    return [
      { path: `sensors[${at}].periodS`, message, hint: `write ${SMOKE_WITHIN_S} or less (EN 54-2, 7.1)` },
    ];
  });
}

/** A press must last for the debounce, or for three readings of a supervised line. */
function missedPresses({ inputs }: DeviceProfile): Finding[] {
  return inputs.flatMap(({ kind, with: choice }, at) => {
    if (kind !== 'button' && kind !== 'duress') return [];
    const debounceMs = Debounced.safeParse(choice).data?.debounceMs ?? 0;
    const everyMs = Polled.safeParse(choice).data?.everyMs ?? 0;
    const [key, neededMs, most] =
      everyMs > 0 ? (['everyMs', everyMs * 3, 50] as const) : (['debounceMs', debounceMs, 20] as const);
    if (neededMs <= (everyMs > 0 ? 3 * 50 : SHORT_PRESS_MS)) return [];
    const message = `makes a press shorter than ${neededMs} ms none`;
    return [{ path: `inputs[${at}].with.${key}`, message, hint: `write ${most} or less` }];
  });
}

/** The test is played in full at any hour; where the device is to be half as loud (10 dB, Stevens 1957), people sleep. */
function quietTest({ voice }: DeviceProfile): Finding[] {
  const test = voice?.selfTest;
  if (voice === undefined || test === undefined) return [];
  const quiet = voice.volume.find(({ from, to, db }) => db <= QUIET_DB && isWithin(test.at, from, to));
  if (quiet === undefined) return [];
  const message = `is ${test.at}, when the device is to speak at ${quiet.db} dB: the test is played in full`;
  return [{ path: 'voice.selfTest.at', message, hint: 'test in an hour in which it may be loud' }];
}

const isWithin = (at: string, from: string, to: string): boolean =>
  from <= to ? at >= from && at < to : at >= from || at < to;

function longFilms({ camera, retention }: DeviceProfile): Finding[] {
  if (retention.clipDays === undefined || camera?.clip !== undefined) return [];
  const message = `is ${retention.clipDays}, and no films are made`;
  return [{ path: 'retention.clipDays', message, hint: 'leave it out, or give the camera a clip' }];
}

export const TIME_RULES: readonly Rule[] = [
  {
    code: 'WP4046',
    severity: 'error',
    finds:
      'impossible timer: a sensor kept more often than it is read; slots for alarms that leave none for events; supervision slower than the test alarm',
    checks: [
      { find: ({ profile }) => keptMoreOftenThanRead(profile) },
      { needs: ['link'], find: ({ profile }) => noSlotForEvents(profile) },
      { needs: ['supervisionS', 'testEveryH'], find: ({ profile }) => supervisedAfterTest(profile) },
    ],
  },
  {
    code: 'WP4047',
    severity: 'warning',
    finds:
      'times that work against each other: the link tried again after the device counts as lost; smoke read more seldom than every 10 s; a short press that is none; a sound test in a quiet hour; days for films that nobody makes; with `--voice DIR`, a prompt repeated before it has ended',
    checks: [
      { needs: ['supervisionS', 'link'], find: ({ profile }) => lostBeforeBack(profile) },
      { find: ({ profile }) => lateHazards(profile) },
      { find: ({ profile }) => missedPresses(profile) },
      { find: ({ profile }) => quietTest(profile) },
      { needs: ['camera'], find: ({ profile }) => longFilms(profile) },
      { needs: ['languages', 'panic'], find: endlessPrompts },
    ],
  },
];
