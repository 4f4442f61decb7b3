import { mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import * as z from 'zod';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { DeviceItem, IncidentItem } from '#contract/http.ts';
import { askSim } from '#scripts/commands/sim-client.ts';
import { Child } from '#scripts/site/child.ts';
import { AGENT_ENV, nodeFlags, ROOT } from '#scripts/site/demo-site.ts';
import { type RunningBroker, runBroker, startBroker } from '#test/support/broker-process.ts';
import { type KeyAndCertificate, TestAuthority, writeSiteTls, writeTls } from '#test/support/certificates.ts';
import { until } from '#test/support/site.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const DEVICE = 'pillar-001';
const ARGS = ['--mqtts', '127.0.0.1:0', '--http', '127.0.0.1:0'];

/** A real agent with a certificate, its folder laid out without a voice. */
async function startPillar(
  t: Test,
  { mqtts }: RunningBroker,
  identity: KeyAndCertificate & { readonly ca: string },
): Promise<string> {
  const dir = temporaryFolder(t);
  const identityDir = join(dir, 'identity');
  mkdirSync(identityDir);
  writeFileSync(join(identityDir, 'key.pem'), identity.key);
  writeFileSync(join(identityDir, 'cert.pem'), identity.cert);
  writeFileSync(join(identityDir, 'ca.pem'), identity.ca);
  const file = join(ROOT, 'test/fault/profiles/eight-buttons.yaml');
  const { profile } = resolveProfile({ file, device: DEVICE, drivers: DRIVER_SCHEMAS });
  writeFileSync(join(dir, 'profile.json'), JSON.stringify(profile));
  const agent = new Child({
    name: DEVICE,
    logFile: join(dir, 'agent.log'),
    env: AGENT_ENV,
    args: [
      ...[
        ...nodeFlags('agent'),
        join(ROOT, 'agent/main.ts'),
        '--profile',
        '-',
        '--site',
        'demo',
        '--device',
        DEVICE,
      ],
      ...['--data', dir, '--broker', mqtts, '--identity', identityDir],
    ],
  });
  t.teardown(() => agent.kill());
  await agent.start(() => undefined);
  return dir;
}

/** Presses and lets go; answers whether the press is in the device's journal. */
async function press(dir: string): Promise<boolean> {
  const answer = await askSim(dir, { request: 'press', name: 'b0' });
  await askSim(dir, { request: 'release', name: 'b0' });
  return answer.ok;
}

function api({ http, token }: RunningBroker) {
  const get = async (path: string) =>
    fetch(`${http}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return {
    incidents: async () =>
      z.object({ items: z.array(IncidentItem) }).parse(await (await get('/api/v1/incidents')).json()).items,
    device: async () => DeviceItem.parse(await (await get(`/api/v1/devices/demo.${DEVICE}`)).json()),
    metric: async (line: string) => (await (await get('/metrics')).text()).includes(`${line}\n`),
  };
}

t.test('a real pillar over TLS: its press, a renewed server certificate, and its revocation', async (t) => {
  const dataDir = temporaryFolder(t);
  const authority = await TestAuthority.make();
  await writeSiteTls(join(dataDir, 'tls'), authority);
  const broker = await startBroker(t, dataDir, ARGS);
  const { incidents, device, metric } = api(broker);
  const identity = await authority.issue(`demo.${DEVICE}`);
  const dir = await startPillar(t, broker, { ...identity, ca: authority.cert });

  t.ok(await press(dir));
  const ofType = async (type: string) =>
    (await incidents()).find((incident) => incident.type === type) ?? null;
  t.match(await until('the incident', () => ofType('wp.panic.pressed.v1')), {
    device: DEVICE,
    state: 'open',
  });

  await writeSiteTls(join(dataDir, 'tls'), authority);
  broker.child.kill('SIGHUP');
  await until('the new files', async () => broker.log().includes('tls.reloaded'));
  t.ok((await device()).online, 'the pillar stays connected');
  t.ok(await metric('watchpost_mqtt_takeovers_total 0'));
  t.ok(await metric('watchpost_tls_not_loaded 0'));

  writeTls(join(dataDir, 'tls'), { 'ca.crl': await authority.revoke([identity.cert]) });
  broker.child.kill('SIGHUP');
  await until('the pillar is out', async () => !(await device()).online);
  t.match(await until('people hear of it', () => ofType('wp.identity.refused.v1')), { device: DEVICE });
  t.ok(await metric('watchpost_tls_revoked_certificates 1'));
  t.match(broker.log(), /"code":"WP3306"/);
  t.ok(await press(dir), 'the press stays in its journal');
  t.equal(await broker.stop(), 0);
});

t.test('a list of revocations that cannot be read ends the start, and says which file', async (t) => {
  const dataDir = temporaryFolder(t);
  await writeSiteTls(join(dataDir, 'tls'), await TestAuthority.make());
  writeTls(join(dataDir, 'tls'), { 'ca.crl': 'cut off' });
  const { code, error } = await runBroker(['--data', dataDir, ...ARGS]);
  t.equal(code, 1);
  t.match(error, /WP3315[\s\S]*ca\.crl/);
});

t.test(
  'a list of revocations that was there and is gone ends the start: nobody who is on it comes in again',
  async (t) => {
    const dataDir = temporaryFolder(t);
    const tlsDir = join(dataDir, 'tls');
    const authority = await TestAuthority.make();
    await writeSiteTls(tlsDir, authority);
    writeTls(tlsDir, { 'ca.crl': await authority.revoke([]) });
    const broker = await startBroker(t, dataDir, [...ARGS]);
    t.equal(await broker.stop(), 0);
    unlinkSync(join(tlsDir, 'ca.crl'));
    const { code, error } = await runBroker(['--data', dataDir, ...ARGS]);
    t.equal(code, 1);
    t.match(error, /WP3315[\s\S]*ca\.crl is gone/);
    unlinkSync(join(dataDir, 'revocations.known'));
    const again = await startBroker(t, dataDir, [...ARGS]);
    t.equal(await again.stop(), 0, 'whoever takes the mark away says so');
  },
);
