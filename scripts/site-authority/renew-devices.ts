import * as z from 'zod';
import { type Clock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { CommandItem, DeviceItem, Enrolment, EnrolmentItem } from '#contract/http.ts';
import type { CommandName } from '#contract/messages.ts';
import { addressOfClientId, clientIdOf } from '#contract/names.ts';
import { askBroker } from '../care/site-client.ts';
import { issueClient } from './certificates.ts';
import { DAY_MS, LIFE_DAYS, leafValidity } from './dates.ts';
import { publishList } from './publish.ts';
import { type IssuedCertificate, Register } from './register.ts';
import { readIssuing, readSiteSettings, siteFile } from './site-files.ts';

export interface RenewalRun {
  readonly siteDir: string;
  /** Whose, without looking when theirs end; null for all whose certificate ends soon. */
  readonly devices: readonly string[] | null;
  readonly withinDays: number;
  readonly by: string;
  readonly clock: Clock;
  /** How long a device may take to come in with what it was given: it waits while an alarm is open. */
  readonly comeInMs?: number;
}

export interface Renewal {
  readonly device: string;
  /**
   * `settled`: it had come in with a new one after an earlier run, and the others are taken back now. `waits`: it has its
   * new one and uses it when no alarm is open; the next run settles it.
   */
  readonly outcome: 'renewed' | 'settled' | 'not-due' | 'away' | 'waits' | 'failed';
  readonly serial: string;
  readonly expiresAt: string;
  readonly error: WatchpostError | null;
}

const COME_IN_MS = 60_000;
const LOOK_EVERY_MS = 500;
/** The device makes a key in a process of its own, and may be a slow one. */
const REPLY_WITHIN_MS = 40_000;
const Csr = z.object({ csr: z.string().max(4_096) });

/**
 * Renews the certificates of devices that are there, one after another, through the running broker. The one before is
 * taken back when the device has come in with the new one, not before. Rejects with WP4402, WP4412 or WP3607; what fails
 * for one device stands in its outcome.
 */
export async function renewDevices(run: RenewalRun): Promise<readonly Renewal[]> {
  const { site } = readSiteSettings(run.siteDir);
  const register = new Register(siteFile(run.siteDir, 'register'));
  register.open();
  try {
    const done: Renewal[] = [];
    for (const name of namesOf(register, run, site)) {
      done.push(await new OneRenewal(run, register, name).run());
    }
    return done;
  } finally {
    register.close();
  }
}

function namesOf(register: Register, { devices, clock }: RenewalRun, site: string): readonly string[] {
  if (devices !== null) return devices.map((device) => clientIdOf({ site, device }));
  const names = register.list().flatMap(({ kind, name }) => (kind === 'device' ? [name] : []));
  return [...new Set(names)].filter((name) => register.goodOf(name, clock.wallMs()).length > 0);
}

class OneRenewal {
  readonly #run: RenewalRun;
  readonly #register: Register;
  readonly #name: string;

  constructor(run: RenewalRun, register: Register, name: string) {
    this.#run = run;
    this.#register = register;
    this.#name = name;
  }

  async run(): Promise<Renewal> {
    const [newest] = this.#good();
    if (newest === undefined) throw new WatchpostError('WP4409', { detail: this.#name });
    try {
      return await this.#renew(newest);
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      if (error.code === 'WP3607') throw error;
      return this.#outcome('failed', newest, error);
    }
  }

  async #renew(newest: IssuedCertificate): Promise<Renewal> {
    const device = await this.#look();
    const used = this.#good().find(({ serial }) => serial === device?.state?.certificate?.serial);
    const inUse = used ?? newest;
    const leftMs = inUse.toMs - this.#run.clock.wallMs();
    if (this.#run.devices === null && leftMs > this.#run.withinDays * DAY_MS) {
      if (used === undefined || this.#good().length === 1) return this.#outcome('not-due', inUse);
      await this.#settle(used);
      return this.#outcome('settled', used);
    }
    if (device?.online !== true) return this.#outcome('away', inUse);
    const issued = await this.#exchange(used ?? null);
    if (!(await this.#cameIn(issued.serial))) return this.#outcome('waits', issued);
    await this.#settle(issued);
    return this.#outcome('renewed', issued);
  }

  /** From the device's new key to its certificate in its hands. What it refuses is taken back at once. */
  async #exchange(used: IssuedCertificate | null): Promise<IssuedCertificate> {
    const { siteDir, by, clock } = this.#run;
    const { csr } = Csr.parse(await this.#command('renew-identity', {}));
    const issuing = await readIssuing(siteDir);
    const nowMs = Math.floor(clock.wallMs());
    const validity = leafValidity(issuing, { kind: 'device', days: LIFE_DAYS.device, nowMs });
    const name = this.#name;
    const { certificate, serial } = await issueClient(issuing, { request: csr, name, validity });
    const kept = {
      serial,
      kind: 'device',
      name,
      ...validity,
      issuedMs: nowMs,
      issuedBy: by,
      issuer: issuing.certificate.serialNumber,
    } as const;
    this.#register.add(kept, 'beside');
    const pem = `${certificate}${issuing.certificate.toString('pem')}\n`;
    try {
      await this.#command('install-certificate', { pem });
    } catch (error) {
      // Where the device has not said which one it uses, it may be any of them.
      if (error instanceof Refused && used !== null) await this.#settle(used);
      throw error;
    }
    return { ...kept, revokedMs: null, reason: null };
  }

  /** Takes back all others of the name, and has the broker's list of devices say what is in use. */
  async #settle({ serial, toMs }: IssuedCertificate): Promise<void> {
    const nowMs = Math.floor(this.#run.clock.wallMs());
    if (this.#register.replaceOthers(this.#name, { serial, nowMs }) > 0) {
      await publishList(this.#run.siteDir, this.#register, nowMs);
    }
    const known = await this.#enrolment();
    if (known === undefined) return;
    const { place, roles } = known;
    const body = Enrolment.parse({ place, roles, serial, expiresAt: new Date(toMs).toISOString() });
    await this.#ask({ method: 'PUT', path: `enrolments/${this.#name}`, body });
  }

  async #enrolment(): Promise<EnrolmentItem | undefined> {
    const page = z.object({ items: z.array(EnrolmentItem) });
    const { items } = page.parse(await this.#ask({ method: 'GET', path: 'enrolments' }));
    return items.find(({ id }) => id === this.#name);
  }

  async #cameIn(serial: string): Promise<boolean> {
    const { clock, comeInMs = COME_IN_MS } = this.#run;
    const endMs = clock.monoMs() + comeInMs;
    for (;;) {
      const device = await this.#look();
      if (device?.online === true && device.state?.certificate?.serial === serial) return true;
      if (clock.monoMs() >= endMs) return false;
      await wait(clock, LOOK_EVERY_MS);
    }
  }

  async #command(name: CommandName, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const path = `devices/${this.#name}/commands`;
    const { clock } = this.#run;
    const endMs = clock.monoMs() + REPLY_WITHIN_MS;
    let item = CommandItem.parse(await this.#ask({ method: 'POST', path, body: { name, args } }));
    while (item.reply === null) {
      if (clock.monoMs() >= endMs) throw new WatchpostError('WP4426', { detail: `${this.#name}: ${name}` });
      await wait(clock, LOOK_EVERY_MS);
      item = CommandItem.parse(await this.#ask({ method: 'GET', path: `${path}/${item.id}` }));
    }
    const { ok, message = '', result = {} } = item.reply;
    if (!ok) throw new Refused('WP4427', { detail: message });
    return result;
  }

  async #look(): Promise<DeviceItem | null> {
    try {
      return DeviceItem.parse(await this.#ask({ method: 'GET', path: `devices/${this.#name}` }));
    } catch (error) {
      // Never heard of.
      if (error instanceof WatchpostError && error.code === 'WP3404') return null;
      throw error;
    }
  }

  #ask(request: Parameters<typeof askBroker>[1]): Promise<unknown> {
    return askBroker(siteFile(this.#run.siteDir, 'broker'), request);
  }

  #good(): readonly IssuedCertificate[] {
    return this.#register.goodOf(this.#name, this.#run.clock.wallMs());
  }

  #outcome(
    outcome: Renewal['outcome'],
    { serial, toMs }: IssuedCertificate,
    error: WatchpostError | null = null,
  ): Renewal {
    const device = addressOfClientId(this.#name)?.device ?? this.#name;
    return { device, outcome, serial, expiresAt: new Date(toMs).toISOString(), error };
  }
}

/** The device itself has said no. */
class Refused extends WatchpostError {}
