import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { CommandArgs } from '#contract/messages.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Voice } from '../../ports/speaker.ts';
import type { CommandHandlers, CommandResult } from './desk.ts';
import { runChecks, type SelfTestCheck } from './self-test.ts';

/** The parts of the panic behaviour that commands move. */
export interface PanicControl {
  siren(order: 'on' | 'off', forS: number): void;
  test(inputs: readonly string[], forS: number): void;
}

/** Bypasses inputs and sensors, or ends that; answers what was done. Throws when an input is not there. */
export interface BypassControl {
  bypass(args: CommandArgs<'bypass'>, by?: string): Record<string, unknown>;
}

/** Turns an actuator to a position; answers what was done. Rejects when there is none, or it is away. */
export interface ActuatorControl {
  actuate(args: CommandArgs<'actuate'>): Promise<Record<string, unknown>>;
}

/** What commands do with the two slots. Both restart the device once they have answered. */
export interface SlotControl {
  install(args: CommandArgs<'install'>): Promise<Record<string, unknown>>;
  rollback(): Promise<Record<string, unknown>>;
}

/** Exchanges key and certificate while the device runs. */
export interface IdentityControl {
  request(): Promise<Record<string, unknown>>;
  install(args: CommandArgs<'install-certificate'>): Promise<Record<string, unknown>>;
}

/** The parts of the vision keeper that commands move. */
export interface VisionControl {
  /** Takes a picture and sends it as a blob; answers what tells it apart. */
  snapshot(): Promise<Record<string, unknown>>;
  restart(): Promise<void> | void;
}

export interface HandlerParts {
  readonly panic: PanicControl;
  readonly voice: Voice;
  /** Whether the catalogue has a prompt of this key. */
  readonly hasPrompt: (key: string) => boolean;
  readonly inputs: readonly string[];
  readonly bypass: BypassControl;
  readonly actuators: ActuatorControl;
  readonly hasSiren: boolean;
  readonly sirenMaxS: number;
  /** Null on a device without a camera; `camera` is its name. */
  readonly vision: (VisionControl & { readonly camera: string }) | null;
  /** Raises a test alarm and answers its id; throws WP2110 while a call for help is open. */
  readonly testAlarm: (commandId: string) => string;
  /** Null on a device without a microphone; rejects with WP2110 or WP2518 when it cannot be made now. */
  readonly soundTest: (() => Promise<Record<string, unknown>>) | null;
  /** Ends the agent in order; null where nobody would start it again. */
  readonly restart: (() => void) | null;
  /** Speaks what the site has sent before; the signal ends it. Rejects with WP7102, WP7104 or WP25xx. */
  readonly talk: (args: CommandArgs<'talk'>, signal: AbortSignal) => Promise<Record<string, unknown>>;
  /** Which piece of a bundle is wanted next. Rejects with WP465x. */
  /** Null on a device without slots. */
  readonly slots: SlotControl | null;
  /** Null on a device that has no certificate. */
  readonly identity: IdentityControl | null;
  readonly fetchBundle: (args: CommandArgs<'fetch-bundle'>) => Promise<{ readonly from: number }>;
  readonly checks: readonly SelfTestCheck[];
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

const RESTART_AFTER_MS = 1_000;

/** What each command does on this device. */
export function commandHandlers(parts: HandlerParts): CommandHandlers {
  return {
    speak: (args) => speak(parts, args),
    siren: (args) => siren(parts, args),
    selftest: async (_args, { commandId }) => selfTest(parts, commandId),
    snapshot: ({ camera }) => visionOf(parts, camera).snapshot(),
    'restart-vision': async () => {
      await visionOf(parts).restart();
      return undefined;
    },
    restart: () => restart(parts),
    'test-alarm': (_args, { commandId }) => ({ eventId: parts.testAlarm(commandId) }),
    'test-mode': (args) => testMode(parts, args),
    'sound-test': () => {
      if (parts.soundTest === null) throw new WatchpostError('WP2519');
      return parts.soundTest();
    },
    talk: (args, { signal }) => parts.talk(args, signal),
    bypass: (args, { by }) => parts.bypass.bypass(args, by),
    actuate: (args) => parts.actuators.actuate(args),
    'fetch-bundle': async (args) => ({ ...(await parts.fetchBundle(args)) }),
    install: (args) => slotsOf(parts).install(args),
    rollback: () => slotsOf(parts).rollback(),
    'renew-identity': () => identityOf(parts).request(),
    'install-certificate': (args) => identityOf(parts).install(args),
  };
}

function speak(
  { voice, hasPrompt }: HandlerParts,
  { key, languages }: { key: string; languages?: string[] | undefined },
): CommandResult {
  if (!hasPrompt(key)) throw new WatchpostError('WP2105', { detail: `no prompt ${key}` });
  voice.say({ key, priority: 'guidance', ...(languages === undefined ? {} : { languages }) });
  return undefined;
}

function siren(
  { panic, hasSiren, sirenMaxS }: HandlerParts,
  { on, maxS }: { on: boolean; maxS?: number | undefined },
): CommandResult {
  if (!hasSiren) throw new WatchpostError('WP2105', { detail: 'no siren' });
  const forS = Math.min(maxS ?? sirenMaxS, sirenMaxS);
  panic.siren(on ? 'on' : 'off', forS);
  return on ? { forS } : undefined;
}

/** Not before the answer has had its time to go out; what has not is sent after the next start. */
function restart({ restart, clock }: HandlerParts): CommandResult {
  if (restart === null) throw new WatchpostError('WP2615');
  clock.after(RESTART_AFTER_MS, restart);
  return undefined;
}

function testMode(
  { panic, inputs }: HandlerParts,
  { inputs: named, forS }: { inputs: string[]; forS: number },
): CommandResult {
  const unknown = named.filter((name) => !inputs.includes(name));
  if (unknown.length > 0) throw new WatchpostError('WP2105', { detail: `no input ${unknown.join(', ')}` });
  panic.test(named, forS);
  return { inputs: named, forS };
}

async function selfTest(
  { checks, recorder, clock }: HandlerParts,
  commandId: string,
): Promise<CommandResult> {
  const results = await runChecks(clock, checks);
  const passed = results.every((check) => check.passed);
  recorder.recordEvent('wp.selftest.finished.v1', { commandId, passed, checks: results });
  return { passed, checks: results };
}

function slotsOf({ slots }: HandlerParts): SlotControl {
  if (slots === null) throw new WatchpostError('WP4220');
  return slots;
}

function identityOf({ identity }: HandlerParts): IdentityControl {
  if (identity === null) throw new WatchpostError('WP4420', { detail: 'it has none' });
  return identity;
}

function visionOf({ vision }: HandlerParts, camera?: string): VisionControl {
  if (vision === null) throw new WatchpostError('WP2105', { detail: 'no camera' });
  if (camera !== undefined && camera !== vision.camera)
    throw new WatchpostError('WP2105', {
      detail: `no camera ${camera}`,
      hint: `This device has ${vision.camera}.`,
    });
  return vision;
}
