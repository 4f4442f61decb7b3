import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { systemClock } from '#contract/clock.ts';
import { DeviceItem, type EventItem, type IncidentItem } from '#contract/http.ts';
import { askBroker } from '#scripts/care/site-client.ts';
import { askSim } from '#scripts/commands/sim-client.ts';
import { Child } from '#scripts/site/child.ts';
import { AGENT_ENV, nodeFlags, ROOT } from '#scripts/site/demo-site.ts';
import { enrol } from '#scripts/site-authority/enrol.ts';
import { makeSite } from '#scripts/site-authority/make-site.ts';
import { makeIdentity } from '#scripts/site-authority/provision.ts';
import { publishList } from '#scripts/site-authority/publish.ts';
import { Register } from '#scripts/site-authority/register.ts';
import { type Renewal, renewDevices } from '#scripts/site-authority/renew-devices.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { type RunningBroker, startBroker } from '#test/support/broker-process.ts';
import { until } from '#test/support/site.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { PASSPHRASE } from './support.ts';

const DEVICE = 'pillar-001';
const NAME = `mall.${DEVICE}`;

/** A site whose pillar has a certificate for a day, with real processes. */
class Lab {
  readonly siteDir: string;
  readonly card: string;
  readonly broker: RunningBroker;
  agent: Child;

  static async make(t: Test): Promise<Lab> {
    const dir = temporaryFolder(t);
    const [siteDir, card] = [join(dir, 'mall'), join(dir, 'card')];
    mkdirSync(card);
    const common = { by: 'a test', clock: systemClock };
    await makeSite({ ...common, dir: siteDir, site: 'mall', hosts: ['localhost'], passphrase: PASSPHRASE });
    await makeIdentity({ ...common, siteDir, device: DEVICE, to: card, days: 1, existing: 'refuse' });
    const place = { label: 'North gate' };
    await enrol({ siteDir, device: DEVICE, place, roles: ['pillar'], clock: systemClock });
    const ports = ['--mqtts', '127.0.0.1:0', '--http', '127.0.0.1:0'];
    const broker = await startBroker(t, siteFile(siteDir, 'broker'), ports);
    const file = join(ROOT, 'test/fault/profiles/eight-buttons.yaml');
    const { profile } = resolveProfile({ file, device: DEVICE, drivers: DRIVER_SCHEMAS });
    writeFileSync(join(card, 'profile.json'), JSON.stringify(profile));
    const lab = new Lab(siteDir, card, broker);
    t.teardown(() => lab.agent.kill());
    await lab.agent.start(() => undefined);
    return lab;
  }

  constructor(siteDir: string, card: string, broker: RunningBroker) {
    this.siteDir = siteDir;
    this.card = card;
    this.broker = broker;
    this.agent = this.newAgent();
  }

  newAgent(): Child {
    const broker = this.broker.mqtts.replace('127.0.0.1', 'localhost');
    return new Child({
      ...{ name: DEVICE, logFile: join(this.card, 'agent.log'), env: AGENT_ENV },
      args: [
        ...[...nodeFlags('agent'), join(ROOT, 'agent/main.ts'), '--profile', '-', '--data', this.card],
        ...['--site', 'mall', '--device', DEVICE, '--broker', broker],
        ...['--identity', join(this.card, 'identity')],
      ],
    });
  }

  /** What is due. */
  renew(comeInMs = 60_000): Promise<Renewal> {
    return this.#renew(null, comeInMs);
  }

  /** Whether it is due or not. */
  renewNow(comeInMs: number): Promise<Renewal> {
    return this.#renew([DEVICE], comeInMs);
  }

  async #renew(devices: readonly string[] | null, comeInMs: number): Promise<Renewal> {
    const common = { siteDir: this.siteDir, withinDays: 30, by: 'a test', clock: systemClock };
    const [done] = await renewDevices({ ...common, devices, comeInMs });
    if (done === undefined) throw new RangeError('no device');
    return done;
  }

  ask(method: 'GET' | 'POST', path: string): Promise<unknown> {
    return askBroker(siteFile(this.siteDir, 'broker'), {
      method,
      path,
      ...(method === 'POST' ? { body: {} } : {}),
    });
  }

  async device(): Promise<DeviceItem> {
    return DeviceItem.parse(await this.ask('GET', `devices/${NAME}`));
  }

  online(serial: string): Promise<unknown> {
    return until(`the pillar is in with ${serial}`, async () => {
      const { items } = Object(await this.ask('GET', 'devices'));
      // None before it was ever heard of.
      return items.some(({ online, state }: DeviceItem) => online && state?.certificate?.serial === serial);
    });
  }

  async press(input: string): Promise<string> {
    const answer = await askSim(this.card, { request: 'press', name: input });
    await askSim(this.card, { request: 'release', name: input });
    if (!answer.ok || answer.id === undefined) throw new RangeError('the press was not stored');
    return answer.id;
  }

  async arrived(): Promise<string[]> {
    const found: string[] = [];
    for (const type of ['wp.panic.pressed.v1', 'wp.panic.repressed.v1']) {
      const { items } = Object(await this.ask('GET', `events?device=${NAME}&type=${type}&limit=1000`));
      found.push(...items.map(({ id }: EventItem) => id));
    }
    return found.sort();
  }

  async events(type: string): Promise<EventItem[]> {
    return Object(await this.ask('GET', `events?device=${NAME}&type=${type}`)).items;
  }

  /** Somebody has come: nobody waits for help any more. */
  async resolve(): Promise<void> {
    const { items } = Object(await this.ask('GET', 'incidents?state=open'));
    for (const { id } of items.filter(({ device }: IncidentItem) => device === DEVICE)) {
      await this.ask('POST', `incidents/${id}/acknowledge`);
      await this.ask('POST', `incidents/${id}/resolve`);
    }
  }

  async goodSerials(): Promise<string[]> {
    return this.withRegister((register) =>
      register.goodOf(NAME, systemClock.wallMs()).map(({ serial }) => serial),
    );
  }

  /** Takes back all but this one, and has the broker know at once. */
  async takeBackOthers(serial: string): Promise<void> {
    const nowMs = Math.floor(systemClock.wallMs());
    await this.withRegister(async (register) => {
      register.replaceOthers(NAME, { serial, nowMs });
      await publishList(this.siteDir, register, nowMs);
    });
    const reloads = () => this.broker.log().split('tls.reloaded').length;
    const before = reloads();
    this.broker.child.kill('SIGHUP');
    await until('the broker has read the list', async () => reloads() > before);
  }

  async withRegister<T>(use: (register: Register) => T | Promise<T>): Promise<T> {
    const register = new Register(siteFile(this.siteDir, 'register'));
    register.open();
    try {
      return await use(register);
    } finally {
      register.close();
    }
  }
}

t.test(
  'a pillar is renewed while it runs: not under an alarm, and no press is lost or doubled',
  async (t) => {
    const lab = await Lab.make(t);
    const [first = ''] = await lab.goodSerials();
    await lab.online(first);
    const presses = [await lab.press('b0')];

    const waiting = await lab.renew(2_000);
    t.match(waiting, { outcome: 'waits', error: null });
    t.equal((await lab.device()).state?.certificate?.serial, first, 'an alarm is open: the connection stays');
    presses.push(await lab.press('b1'));
    await lab.resolve();
    await lab.online(waiting.serial);
    presses.push(await lab.press('b2'));

    await until('all presses are there', async () => (await lab.arrived()).length >= presses.length);
    t.strictSame(await lab.arrived(), presses.sort(), 'each once');
    t.match(await lab.events('wp.identity.renewed.v1'), [{ data: { serial: waiting.serial } }]);
    t.strictSame(await lab.events('wp.supervision.lost.v1'), [], 'it was never missed');
    t.equal((await lab.goodSerials()).length, 2, 'the one before is good until somebody has looked');

    t.match(await lab.renew(), { outcome: 'settled', serial: waiting.serial });
    t.strictSame(await lab.goodSerials(), [waiting.serial]);
    t.match(await lab.renew(), { outcome: 'not-due' });
    const { items } = Object(await lab.ask('GET', 'enrolments'));
    t.match(items, [{ id: NAME, serial: waiting.serial, place: { label: 'North gate' } }]);
    t.equal((await lab.device()).online, true, 'and what was taken back ends no connection');
  },
);

t.test('a pillar whose new certificate is refused goes on with the one before', async (t) => {
  const lab = await Lab.make(t);
  const [first = ''] = await lab.goodSerials();
  await lab.online(first);
  await lab.press('b0');
  t.match(await lab.renew(2_000), { outcome: 'waits' });
  await lab.takeBackOthers(first);
  await lab.resolve();
  await until(
    'it is back with the one before, and says so',
    async () => {
      const { online, state } = await lab.device();
      return online && state?.certificate?.serial === first && state.health?.identity === 'degraded';
    },
    180_000,
  );
  t.match(readFileSync(join(lab.card, 'agent.log'), 'utf8'), '"code":"WP4423"');

  const { outcome, serial } = await lab.renew();
  t.equal(outcome, 'renewed', 'the next renewal goes through');
  await lab.online(serial);
  t.strictSame(await lab.goodSerials(), [serial]);

  await lab.press('b1');
  t.match(await lab.renewNow(2_000), { outcome: 'waits' });
  await lab.agent.kill();
  lab.agent = lab.newAgent();
  await lab.agent.start(() => undefined);
  const [newest = ''] = await lab.goodSerials();
  await lab.online(newest);
  t.not(newest, serial, 'killed before it could use it, it comes in with the new one');
});

t.test('a pillar that is not there is told of, and nothing is issued', async (t) => {
  const lab = await Lab.make(t);
  const before = await lab.goodSerials();
  await lab.online(before[0] ?? '');
  await lab.agent.stop();
  await until('it is gone', async () => !(await lab.device()).online);
  t.match(await lab.renew(), { outcome: 'away' });
  t.strictSame(await lab.goodSerials(), before);
});
