import type { DeviceProfile } from '#agent/ports/profile.ts';

/** A part of a model that a new profile may wire otherwise: a contact, the lamp or the siren. */
export interface Spot {
  /** The input's name, `lamp` or `siren`. */
  readonly name: string;
  readonly kind: DeviceProfile['inputs'][number]['kind'] | 'lamp' | 'siren';
  readonly choice: DeviceProfile['lamp'];
}

/** Inputs of other drivers (a receiver, a supervised line) stay what they are. */
const CONTACTS = ['sim', 'gpio', 'firmata'];

export function spotsOf({ inputs, lamp, siren }: DeviceProfile): Spot[] {
  return [
    ...inputs
      .filter((input) => CONTACTS.includes(input.with.driver))
      .map(({ name, kind, with: choice }): Spot => ({ name, kind, choice })),
    { name: 'lamp', kind: 'lamp', choice: lamp },
    ...(siren === undefined ? [] : [{ name: 'siren', kind: 'siren', choice: siren } as const]),
  ];
}

/** Free lines of the 40-pin header of a Raspberry Pi (2, 3: I²C; 7 to 11: SPI; 14, 15: the serial line). */
const LINES = {
  first: { button: 17, tamper: 27, lamp: 22, siren: 23 },
  others: [5, 6, 16, 26, 12, 13, 24, 25],
};
/** Of an Uno: 6 has PWM, and 0 and 1 are the serial line. */
const PINS = { first: { button: 2, tamper: 4, lamp: 6, siren: 8 }, others: [3, 5, 7, 9, 10, 11, 12, 13] };

/** A place for each part that has none yet: the model's own where it is on such a wiring, else one that is free. */
export function suggestedSpots(
  spots: readonly Spot[],
  wiring: 'gpio' | 'firmata',
  given: Readonly<Record<string, number | string>>,
): Map<string, number | string> {
  const { first, others } = wiring === 'gpio' ? LINES : PINS;
  const taken = new Map([...ownSpots(spots, wiring), ...Object.entries(given)]);
  const free = (wanted: readonly number[]) => wanted.find((spot) => ![...taken.values()].includes(spot));
  for (const { name, kind } of spots) {
    if (taken.has(name)) continue;
    const favourite = Object.entries(first).find(([known]) => known === kind)?.[1];
    const spot = free(favourite === undefined ? others : [favourite, ...others]);
    if (spot !== undefined) taken.set(name, spot);
  }
  return taken;
}

function ownSpots(spots: readonly Spot[], wiring: 'gpio' | 'firmata'): [string, number | string][] {
  return spots.flatMap(({ name, choice }): [string, number | string][] => {
    const spot = choice.driver === wiring ? choice[wiring === 'gpio' ? 'line' : 'pin'] : undefined;
    return typeof spot === 'number' || typeof spot === 'string' ? [[name, spot]] : [];
  });
}
