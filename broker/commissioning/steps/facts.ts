import * as z from 'zod';
import { HARDWARE, SIMULATED } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import { greatCircleM } from '#contract/great-circle.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { ifLate, type StepScript, type Walk } from '../walk.ts';
import { readingOf } from './parts.ts';

/** What the site knows of a device's certificate. */
export interface KnownCertificate {
  readonly serial: string;
  readonly expiresAt: string;
}

/** What a device tells of the bundle that it runs, where it has slots. */
export const BundleState = z.looseObject({
  generation: z.int(),
  digest: z.string(),
  slot: z.string().optional(),
  state: z.string().optional(),
});

/**
 * Clocks that NTP keeps differ by less than 0.1 s even over a mobile network (RFC 5905 §1); a leap second that one has
 * and the other has not yet is 1 s. What is more than that is a clock that nobody sets.
 */
const OFFSET_MOST_MS = 2_000;
/** A trial takes two minutes at most (docs/slots.md), and the device must come back after it. */
const TRIAL_LIMIT_S = 180;
/** As the tamper input of a receiver judges by default (docs/inputs.md): twice the error at the worst that is believed. */
const AWAY_M = 50;

/** Its certificate is its own and good, and its bundle is confirmed. */
export const identity =
  (certificateOf: (address: DeviceAddress) => KnownCertificate | null): StepScript =>
  async (walk) => {
    walk.say('working');
    const isOnTrial = () => bundleOf(walk.device.state)?.state === 'trial';
    if (isOnTrial()) walk.say('trial', {}, TRIAL_LIMIT_S);
    // What is on trial still after that is told below.
    await walk.until(() => !isOnTrial(), TRIAL_LIMIT_S).catch(ifLate);
    const bundle = bundleOf(walk.device.state);
    if (walk.device.state?.parts?.simulated === true) walk.fact(HARDWARE, SIMULATED);
    walk.fact('profile', profileOf(walk));
    walk.fact('agent', walk.device.state?.versions?.agent ?? '–');
    walk.fact('bundle', bundle === null ? '–' : `${bundle.generation} (${bundle.digest.slice(0, 12)})`);
    const certificate = certificateOf(walk.address);
    walk.fact(
      'certificate',
      certificate === null ? '–' : `${certificate.serial}, ${certificate.expiresAt.slice(0, 10)}`,
    );
    if (certificate === null) throw new WatchpostError('WP4512', { detail: 'no certificate' });
    if (Date.parse(certificate.expiresAt) <= walk.clock.wallMs()) {
      throw new WatchpostError('WP4512', { detail: `ended ${certificate.expiresAt}` });
    }
    if (bundle?.state === 'trial') throw new WatchpostError('WP4512', { detail: 'bundle on trial' });
  };

/** Its clock is set, and agrees with the site's; measured to half of how long the answer took. */
export const clock: StepScript = async (walk) => {
  walk.say('working');
  const fromMs = walk.clock.wallMs();
  const { at } = await walk.order('selftest');
  const toMs = walk.clock.wallMs();
  const quality = walk.device.state?.clock?.quality ?? 'unset';
  const halfMs = (toMs - fromMs) / 2;
  const offsetMs = Date.parse(at) - (fromMs + halfMs);
  walk.fact('clock', quality);
  walk.measure('offset', Math.round(offsetMs), 'ms');
  walk.measure('uncertainty', Math.round(halfMs), 'ms');
  if (quality === 'unset') throw new WatchpostError('WP4513', { detail: quality });
  if (Math.abs(offsetMs) - halfMs > OFFSET_MOST_MS) {
    throw new WatchpostError('WP4513', { detail: `${Math.round(offsetMs)} ms` });
  }
};

/** It stands where the site believes. */
export const location: StepScript = async (walk) => {
  const { place } = walk.device;
  await foundByReceiver(walk);
  const known = place?.latitude === undefined || place.longitude === undefined ? null : place;
  const said = await walk.ask(
    'location',
    {
      place: place?.label ?? '–',
      floor: place?.floor ?? '–',
      coordinates: known === null ? '–' : `${known.latitude}, ${known.longitude}`,
    },
    'place',
  );
  walk.fact('place', place?.label ?? '–');
  if (said.place !== undefined) {
    const { latitude, longitude, accuracyM, source } = said.place;
    walk.fact('coordinates', `${latitude}, ${longitude} (${source})`);
    if (accuracyM !== undefined) walk.measure('accuracy', accuracyM, 'm');
    if (known?.latitude !== undefined && known.longitude !== undefined) {
      const there = { latitude: known.latitude, longitude: known.longitude };
      walk.measure('distance', Math.round(greatCircleM(there, { latitude, longitude })), 'm');
    }
  } else if (known !== null) walk.fact('coordinates', `${known.latitude}, ${known.longitude} (registered)`);
  if (said.answer === 'no') throw new WatchpostError('WP4507', { detail: said.note ?? place?.label ?? '' });
};

/** A device with a satellite receiver of its own says how far it is from its place; its position stays in it. */
async function foundByReceiver(walk: Walk): Promise<void> {
  const sensor = walk.device.state?.parts?.gnss ?? null;
  if (sensor === null) return;
  walk.say('working');
  const { value } = await readingOf(walk, sensor);
  walk.measure('receiver', value, 'm');
  if (value > AWAY_M) throw new WatchpostError('WP4507', { detail: `${value} m away by its own receiver` });
}

export function bundleOf(state: object | null): z.infer<typeof BundleState> | null {
  const { data } = z.object({ bundle: BundleState }).safeParse(state);
  return data?.bundle ?? null;
}

const profileOf = ({ device: { state } }: Walk): string =>
  state?.profile === undefined ? '–' : `${state.profile.name} ${state.profile.version}`;
