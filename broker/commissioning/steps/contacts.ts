import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { StepScript, Walk } from '../walk.ts';

/** How long a person has to get to the button. */
const ACT_LIMIT_S = 240;
/** After that it must be let go. */
const RELEASE_LIMIT_S = 300;
/** Until the device has told the site what it shows. */
const CALL_LIMIT_S = 5;

const PRESSES = ['wp.panic.pressed.v1', 'wp.panic.repressed.v1'];

/** A press of this button arrives, is marked as a test, and the button comes up again. */
export const press: StepScript = async (walk, button) => {
  const released = walk.event(of('wp.panic.released.v1', button), RELEASE_LIMIT_S);
  // Where the press itself fails, nobody waits for its end.
  released.catch(() => undefined);
  walk.say('press', { subject: button }, ACT_LIMIT_S);
  const isPress = ({ envelope: { type, data } }: LedgerEvent) =>
    PRESSES.includes(type) && data.input === button;
  timed(walk, await walk.event(isPress, ACT_LIMIT_S));
  walk.say('release', { subject: button });
  await released;
};

/** The lamp lights up while a call is open: that of the step before, or one for itself. */
export const lamp: StepScript = async (walk) => {
  const isCalling = () => (walk.device.state?.outputs?.panic ?? 'idle') !== 'idle';
  await walk.until(isCalling, CALL_LIMIT_S).catch(async () => {
    const inputs = Object.entries(walk.device.state?.parts?.inputs ?? {});
    const [button = ''] = inputs.find(([, kind]) => kind === 'button') ?? [];
    await press(walk, button);
    await walk.until(isCalling, CALL_LIMIT_S);
  });
  await walk.confirm('lamp.seen');
  walk.fact('lamp', walk.device.state?.outputs?.lamp ?? '–');
};

/** The hidden call for help arrives. */
export const duress: StepScript = async (walk, input) => {
  walk.say('duress', { subject: input }, ACT_LIMIT_S);
  timed(walk, await walk.event(of('wp.duress.signalled.v1', input), ACT_LIMIT_S));
};

/** Opening the case is reported, and closing it. */
export const tamper: StepScript = async (walk, contact) => {
  const closed = walk.event(of('wp.tamper.closed.v1', contact), RELEASE_LIMIT_S + ACT_LIMIT_S);
  closed.catch(() => undefined);
  walk.say('tamper.open', { subject: contact }, ACT_LIMIT_S);
  timed(walk, await walk.event(of('wp.tamper.opened.v1', contact), ACT_LIMIT_S));
  walk.say('tamper.close', { subject: contact }, RELEASE_LIMIT_S);
  await closed;
};

/** The device tells nothing of a door that was released rightly: only the person sees it. */
export const door: StepScript = async (walk, contact) => {
  await walk.confirm('door', { subject: contact });
};

const of =
  (type: string, input: string) =>
  ({ envelope }: LedgerEvent): boolean =>
    envelope.type === type && envelope.data.input === input;

/** From the edge, by the device's clock, to the row in the ledger, by the site's: only where both are right. */
function timed(walk: Walk, { envelope, receivedAt }: LedgerEvent): void {
  if (envelope.wpclock !== 'synced') return;
  walk.measure('pressToLedger', Date.parse(receivedAt) - Date.parse(envelope.time), 'ms');
}
