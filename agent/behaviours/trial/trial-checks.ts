import type { TrialCheck } from './trial.ts';

/** What the checks of a trial look at. */
export interface CheckedDevice {
  /** Parts by name, as `up/state` tells them. */
  readonly health: () => Readonly<Record<string, string>>;
  /** Names of buttons and pedals that are down. */
  readonly held: () => readonly string[];
  /** Outputs that are still starting. */
  readonly starting: ReadonlySet<string>;
  /** Whether the bundle has prompts. */
  readonly hasVoice: boolean;
  /** What keeps a value from going to the disk and back; null when nothing does. */
  readonly store: () => string | null;
  readonly link: () => string;
  /** The profile says why there may be no link. */
  readonly mayBeOffline: boolean;
  /** Whether there is a picture; null on a device without a camera. */
  readonly camera: (() => boolean) | null;
}

/** Parts of the health board that a bundle is given up for; cameras and sensors are a matter of health. */
const NEEDED_PARTS = /^(lamp|siren|speaker|base|actuators?|output|board)(:|$)/;

/** What must be in order before a bundle is confirmed; the first that is not gives its code (docs/slots.md). */
export function trialChecks(device: CheckedDevice): readonly TrialCheck[] {
  const { starting, hasVoice, held, store, link, mayBeOffline, camera } = device;
  const isNeeded = (part: string) => NEEDED_PARTS.test(part) || (part === 'voice' && hasVoice);
  const failing = () =>
    Object.entries(device.health()).flatMap(([part, is]) => (is === 'failed' ? [part] : []));
  const inputs = () => failing().filter((part) => part.startsWith('input:'));
  const linked = () => (link() === 'up' ? null : link());
  const needed = { weight: 'needed' } as const;
  return [
    { name: 'inputs', code: 'WP4215', ...needed, look: () => listed(inputs()) },
    { name: 'buttons', code: 'WP4215', ...needed, look: () => listed(held(), 'down: ') },
    {
      ...{ name: 'outputs', code: 'WP4216', ...needed },
      look: () => listed([...starting, ...failing().filter(isNeeded)]),
    },
    { name: 'store', code: 'WP4217', ...needed, look: store },
    ...(mayBeOffline ? [] : [{ name: 'link', code: 'WP4218', ...needed, look: linked } as const]),
    ...(camera === null
      ? []
      : [
          {
            ...({ name: 'camera', code: 'WP4214', weight: 'wanted' } as const),
            look: () => (camera() ? null : 'no picture yet'),
          },
        ]),
  ];
}

const listed = (names: readonly string[], before = ''): string | null =>
  names.length === 0 ? null : `${before}${names.join(', ')}`;
