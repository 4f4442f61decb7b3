import type { DeviceProfile } from '#agent/ports/profile.ts';
import { listed } from './quantities.ts';
import { hangsOn, hungOn } from './wiring.ts';

/** One value that differs; undefined where it is not there. */
export interface Difference {
  readonly path: string;
  /** What the path’s brackets name: `button` of `inputs[button].kind`. */
  readonly name: string;
  readonly was: unknown;
  readonly is: unknown;
  readonly before: DeviceProfile;
  readonly after: DeviceProfile;
}

/** In words what the device does otherwise. */
export type Says = (difference: Difference) => string;

/** “X instead of Y”, each spoken. */
export const instead =
  (sentence: (value: string) => string, speak: (value: number) => string = String): Says =>
  ({ was, is }) => {
    const spoken = (value: unknown) => (typeof value === 'number' ? speak(value) : String(value));
    if (is === undefined) return `No longer: ${lowered(sentence(spoken(was)))}.`;
    const now = sentence(spoken(is));
    return was === undefined ? `${now}.` : `${now} instead of ${spoken(was)}.`;
  };

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** A new entry is told by what it hangs on. */
export const byItsWiring = (): string => '';

/** Entries of a list that came and went; the order where that is all. */
export const entries =
  (came: (words: string) => string, went: (words: string) => string, order: string): Says =>
  ({ was, is }) => {
    const [before, after] = [names(was), names(is)];
    const fresh = after.filter((name) => !before.includes(name));
    const gone = before.filter((name) => !after.includes(name));
    const said = [
      ...(fresh.length > 0 ? [came(listed(fresh))] : []),
      ...(gone.length > 0 ? [went(listed(gone))] : []),
    ];
    return said.length > 0 ? said.join(' ').trim() : `${order}: ${after.join(', ')}.`;
  };

export const wiring =
  (subject: (difference: Difference) => string): Says =>
  (difference) => {
    const { was, is } = difference;
    const part = subject(difference);
    if (is === undefined) return `${part} is taken away.`;
    if (was === undefined) return `${part} is new: it ${hangsOn(is)}.`;
    return `${part} ${hangsOn(is)}; until now ${hungOn(was)}.`;
  };

export const inputOf = ({ name, after }: Difference): string => {
  const kind = after.inputs.find((input) => input.name === name)?.kind;
  return kind === undefined ? `Input ${name}` : `Input ${name} (${kind})`;
};

export const unitOf = ({ sensors }: DeviceProfile, name: string): string => {
  const unit = sensors.find((sensor) => sensor.name === name)?.unit ?? '';
  return unit === '1' ? '' : ` ${unit}`;
};

function spokenThresholds(value: unknown, unit: string): string {
  const all = (Array.isArray(value) ? value : []).map(Object);
  const each = all.map(({ direction, limit, clear, alarm }) => {
    const raises = alarm === undefined ? '' : ` and raises the ${alarm} alarm`;
    return `${direction} ${limit}${unit} (over at ${clear})${raises}`;
  });
  return each.length === 0 ? 'never' : each.join('; ');
}

export const thresholds: Says = ({ name, was, is, after, before }) => {
  const now = `${name} is told ${spokenThresholds(is, unitOf(after, name))}`;
  return was === undefined ? `${now}.` : `${now}; until now ${spokenThresholds(was, unitOf(before, name))}.`;
};

/** Of a sensor: `every 30 s instead of every 5 s`. */
export const ofSensor =
  (
    sentence: (name: string, value: string) => string,
    speak: (value: number, difference: Difference) => string,
  ): Says =>
  (difference) => {
    const { name, was, is, before } = difference;
    const now = sentence(name, speak(Number(is), difference));
    return `${now} instead of ${speak(Number(was), { ...difference, after: before })}.`;
  };

export function siren({ is, was }: Difference): string {
  if (is === true) return 'A press sounds the siren.';
  return was === true ? 'A press no longer sounds the siren.' : 'A press sounds no siren.';
}

export const camera: Says = ({ after, before }) =>
  after.camera === undefined
    ? `There is no camera any more: nothing left behind is told.`
    : `It has a camera ${after.camera.name}${before.camera === undefined ? ', which it had not' : ` (it was ${before.camera.name})`}.`;
