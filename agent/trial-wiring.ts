import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClockQuality, systemClock } from '#contract/clock.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceState } from '#contract/messages.ts';
import type { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import { Inbox, LOOK_EVERY_MS } from './behaviours/trial/inbox.ts';
import { InstallerChild } from './behaviours/trial/installer-child.ts';
import { Rejections } from './behaviours/trial/rejections.ts';
import { SlotControl } from './behaviours/trial/slot-control.ts';
import { HEALTHY_WITHIN_MS, Trial, type TrialCheck } from './behaviours/trial/trial.ts';
import { trialChecks } from './behaviours/trial/trial-checks.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { SlotDesk } from './ports/slots.ts';
import type { CardSettings } from './settings.ts';
import type { Spine } from './spine.ts';

/** What the agent has for it. */
export interface SlotsParts {
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly vision: VisionKeeper | null;
  /** Outputs that are still starting. */
  readonly starting: ReadonlySet<string>;
}

export interface SlotsWiring extends SlotsParts {
  readonly card: CardSettings;
  readonly desk: SlotDesk;
  /** Ends the agent in order and starts it again. */
  readonly again: () => void;
  /** For the fault suite, which cannot wait as long as a modem may need. */
  readonly trialWithinMs?: number;
  readonly inboxEveryMs?: number;
}

/** What a device with a card does about its slots while it runs. */
export class SlotsBehaviour {
  readonly control: SlotControl;
  readonly #wiring: SlotsWiring;
  readonly #installer: InstallerChild;
  readonly #inbox: Inbox;
  readonly #trial: Trial | null;
  readonly #rejections: Rejections;
  #stop: () => void = () => undefined;

  constructor(wiring: SlotsWiring) {
    this.#wiring = wiring;
    const { card, desk, log, spine, board, again } = wiring;
    const { clock, journal: recorder, memory } = spine;
    const mayRestart = () => isFree(wiring);
    const report: SlotReport = (finding) => board.report('bundle', finding);
    this.#installer = makeInstaller({
      card: card.dir,
      clock: () => ({
        quality: clock.quality(),
        nowMs: clock.certificateTimeMs(recorder.lastSiteTimeMs()) ?? clock.wallMs(),
      }),
      log,
    });
    this.control = new SlotControl({
      ...{ desk, mayRestart, restart: again, report, recorder, clock, log },
      installer: this.#installer,
      inbox: join(card.dir, CARD.inbox),
    });
    this.#rejections = new Rejections({ desk, recorder, memory });
    const { trial: facts } = desk;
    const withinMs = wiring.trialWithinMs ?? HEALTHY_WITHIN_MS;
    const onChange = () => spine.link.stateChanged();
    const parts = { desk, report, onChange, recorder, clock, log, mayRestart, restart: again };
    this.#trial =
      facts === null
        ? null
        : new Trial({ ...parts, facts, withinMs, checks: checksOf(wiring), tell: this.#rejections });
    this.#inbox = new Inbox({
      folders: inboxesOf(card),
      isOpen: () => (desk.trial?.backTo ?? null) === null,
      take: (files) => this.control.take(files),
      ...(wiring.inboxEveryMs === undefined ? {} : { lookEveryMs: wiring.inboxEveryMs }),
      ...{ memory, clock, log },
    });
  }

  start(): void {
    const { desk, board, spine } = this.#wiring;
    const { last, generation, slot, digest } = desk.running;
    this.#rejections.tellLast();
    // No news: that it was given up is told as an event of its own.
    if (last !== null) board.note('bundle', { state: 'degraded', code: last.code });
    if (desk.trial !== null && spine.memory.get(TRIED) !== digest) {
      spine.journal.recordEvent('wp.profile.installed.v1', { generation, slot, digest });
      spine.memory.set(TRIED, digest);
    }
    if (this.#trial === null) this.#stop = spine.clock.after(LOOK_AFTER_MS, () => void this.#lookForRot());
    this.#trial?.start();
    this.#inbox.start();
  }

  /** What a start leaves out: prompts that the card has lost since they were installed. */
  async #lookForRot(): Promise<void> {
    const { desk, board, log } = this.#wiring;
    try {
      const damaged = await desk.damaged();
      if (damaged.length === 0) return;
      const detail = damaged.join(', ').slice(0, 400);
      board.report('bundle', { state: 'degraded', code: 'WP4204', detail });
    } catch (cause) {
      log.warn({ err: cause }, 'slots.not-looked-at');
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#stop();
    this.#trial?.close();
    this.control.close();
    await Promise.all([this.#installer.close(), this.#inbox.close()]);
  }

  /** A part of `up/state`. */
  get state(): Pick<DeviceState, 'bundle'> {
    return { bundle: this.#wiring.desk.running };
  }
}

/**
 * For the fault suite: seconds that a trial has instead of ninety (WATCHPOST_TRIAL_S), and that lie between two looks into
 * the inbox instead of five (WATCHPOST_INBOX_S); never more.
 * @throws WatchpostError WP5024
 */
export function shorterWaits(
  env: Readonly<Record<string, string | undefined>>,
): Pick<SlotsWiring, 'trialWithinMs' | 'inboxEveryMs'> {
  const trialWithinMs = shorter(env, 'WATCHPOST_TRIAL_S', HEALTHY_WITHIN_MS);
  const inboxEveryMs = shorter(env, 'WATCHPOST_INBOX_S', LOOK_EVERY_MS);
  return {
    ...(trialWithinMs === null ? {} : { trialWithinMs }),
    ...(inboxEveryMs === null ? {} : { inboxEveryMs }),
  };
}

function shorter(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  mostMs: number,
): number | null {
  const text = env[name];
  if (text === undefined) return null;
  const ms = /^\d{1,2}$/.test(text) ? Number(text) * 1000 : 0;
  if (ms >= 1000 && ms <= mostMs) return ms;
  throw new WatchpostError('WP5024', {
    detail: `${name} ${text}`,
    hint: `Use whole seconds from 1 to ${mostMs / 1000}, or leave it out.`,
  });
}

type SlotReport = (finding: Parameters<HealthBoard['report']>[1]) => void;
/** When the start is over. */
const LOOK_AFTER_MS = 60_000;
/** The digest of the last bundle whose trial was told. */
const TRIED = 'slots.tried';

/** Folders that bundles come by. */
export const inboxesOf = ({ dir, inboxes }: CardSettings): readonly string[] => [
  join(dir, CARD.inbox),
  ...inboxes,
];

export interface InstallerWiring {
  readonly card: string;
  readonly clock: () => { readonly quality: ClockQuality; readonly nowMs: number };
  readonly log: Log;
}

/** Of the lowest priority; the kernel ends it with the agent. */
export function makeInstaller(wiring: InstallerWiring): InstallerChild {
  const main = fileURLToPath(new URL('./installer/main.ts', import.meta.url));
  return new InstallerChild({
    ...wiring,
    timer: systemClock,
    command: [...tethers(), process.execPath, main],
  });
}

function tethers(): readonly string[] {
  const has = (program: string) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  return [
    ...(has('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...(has('nice') ? ['nice', '-n', '19'] : []),
  ];
}

/**
 * Nobody waits for help, and no alarm is in memory alone. A button that was down from the start on is its wiring's or its
 * profile's matter: that call is kept, and goes on after the start.
 */
function isFree({ panic, spine, desk }: SlotsWiring): boolean {
  if (spine.journal.volatileAlarms().length > 0) return false;
  return panic.phase === 'idle' || (desk.trial !== null && panic.held().length > 0);
}

function checksOf({
  profile,
  panic,
  board,
  spine,
  vision,
  starting,
  desk,
}: SlotsWiring): readonly TrialCheck[] {
  const { camera, link } = profile;
  return trialChecks({
    ...{ starting, hasVoice: desk.hasVoice, mayBeOffline: link.offline !== undefined },
    health: () => ({ ...board.record(), ...panic.health() }),
    held: () => panic.held(),
    store: () => storeTrouble(spine),
    link: () => spine.link.state,
    camera: camera === undefined ? null : () => vision?.state().health[`camera-${camera.name}`] === 'ok',
  });
}

const PROBE_KEY = 'trial.probe';

/** To the disk and back, as the self-test does it: once, for the card is not to be worn by looking. */
function storeTrouble({ memory, clock }: Spine): string | null {
  if (memory.get(PROBE_KEY) === clock.bootId) return null;
  memory.set(PROBE_KEY, clock.bootId);
  return memory.get(PROBE_KEY) === clock.bootId ? null : 'read back otherwise';
}
