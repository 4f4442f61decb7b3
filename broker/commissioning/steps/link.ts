import type { LedgerEvent } from '#broker/persistence/ports.ts';
import { WatchpostError } from '#contract/errors.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import type { Rehearsals } from '../ports.ts';
import type { StepScript, Walk } from '../walk.ts';

/** A pulled cable is seen when one and a half times the keepalive have passed (MQTT 3.1.1 §3.1.2.10). */
const OFF_LIMIT_S = 240;
const ON_LIMIT_S = 240;
const PATH_LIMIT_S = 60;
/** The site looks once a second, and this machine may be busy. */
const SLACK_S = 60;

/** A test alarm goes all the way; the device measures it by its own monotonic clock. */
export const path: StepScript = async (walk) => {
  walk.say('working');
  const measured = walk.event(({ envelope }) => envelope.type === 'wp.path.measured.v1', PATH_LIMIT_S);
  measured.catch(() => undefined);
  await walk.order('test-alarm');
  const { envelope } = await measured;
  const { sentMs, receivedMs } = EVENT_DATA['wp.path.measured.v1'].parse(envelope.data);
  walk.measure('sent', sentMs, 'ms');
  walk.measure('received', receivedMs, 'ms');
};

/**
 * The link is cut, the button pressed, the link put back: the press arrives, once. Measured on the site's monotonic
 * clock: from when the person says that the link is back, and from when the device has connected.
 */
export const link: StepScript = async (walk) => {
  const { clock } = walk;
  const button = buttonOf(walk);
  walk.say('link.off', {}, OFF_LIMIT_S);
  await walk.until(() => !walk.device.online, OFF_LIMIT_S);
  const offMs = clock.monoMs();
  await walk.confirm('link.press', { subject: button });
  const arrived = walk
    .event(isPressOf(button), ON_LIMIT_S)
    .then((event) => ({ event, atMs: clock.monoMs() }));
  arrived.catch(() => undefined);
  const online = walk.until(() => walk.device.online, ON_LIMIT_S).then(() => clock.monoMs());
  online.catch(() => undefined);
  await walk.confirm('link.on');
  const backMs = clock.monoMs();
  walk.say('link.waiting', {}, ON_LIMIT_S);
  const [{ event, atMs }, onlineMs] = await Promise.all([arrived, online]);
  walk.measure('offline', (onlineMs - offMs) / 1000, 's');
  // Whoever says so afterwards: it was back when the device came at the latest.
  walk.measure('linkToDelivered', Math.max(0, atMs - Math.min(backMs, onlineMs)), 'ms');
  walk.measure('connectedToDelivered', Math.max(0, atMs - onlineMs), 'ms');
  if (event.envelope.wpclock === 'synced') {
    walk.measure(
      'pressToDelivered',
      (Date.parse(event.receivedAt) - Date.parse(event.envelope.time)) / 1000,
      's',
    );
  }
};

/**
 * A silent device is missed by the site, and its return is noticed. Nobody stands on a ladder for the interval of the
 * profile: while the site rehearses it waits for less, and the certificate says so.
 */
export const supervision =
  ({ begin, intervalS }: Rehearsals): StepScript =>
  async (walk) => {
    const { clock } = walk;
    const profileS = walk.device.state?.supervisionS ?? null;
    walk.fact('interval', profileS === null ? '–' : `${profileS} s`);
    walk.say('supervision.off', { seconds: intervalS }, OFF_LIMIT_S);
    await walk.until(() => !walk.device.online, OFF_LIMIT_S);
    const offMs = clock.monoMs();
    // Not before: a device that is there may be silent for as long as its keepalive.
    const end = begin(walk.address);
    try {
      walk.say('supervision.waiting', { seconds: intervalS }, intervalS + SLACK_S);
      await walk.event(({ envelope }) => envelope.type === 'wp.supervision.lost.v1', intervalS + SLACK_S);
      walk.measure('silentUntilMissed', (clock.monoMs() - offMs) / 1000, 's');
      walk.fact('interval of the test', `${Math.min(intervalS, profileS ?? intervalS)} s`);
      const restored = walk.event(
        ({ envelope }) => envelope.type === 'wp.supervision.restored.v1',
        ON_LIMIT_S,
      );
      walk.say('supervision.on', {}, ON_LIMIT_S);
      await restored;
    } finally {
      end();
    }
  };

const isPressOf =
  (button: string) =>
  ({ envelope: { type, data } }: LedgerEvent): boolean =>
    (type === 'wp.panic.pressed.v1' || type === 'wp.panic.repressed.v1') && data.input === button;

function buttonOf({ device: { state } }: Walk): string {
  const [button] = Object.entries(state?.parts?.inputs ?? {}).find(([, kind]) => kind === 'button') ?? [];
  if (button === undefined) throw new WatchpostError('WP4514', { detail: 'it has no button' });
  return button;
}
