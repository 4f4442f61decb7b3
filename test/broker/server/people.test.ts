import { join } from 'node:path';
import mqtt from 'mqtt';
import { Registry } from 'prom-client';
import t from 'tap';
import type { Role } from '#broker/auth/roles.ts';
import { createSite } from '#broker/server/site.ts';
import { TestAuthority, writeSiteTls } from '#test/support/certificates.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { seen, Witness } from './test-site.ts';

t.test('a person with a certificate is cut off when the site has another word for them', async (t) => {
  const dataDir = temporaryFolder(t);
  const registry = new Registry();
  const authority = await TestAuthority.make();
  const tlsDir = join(dataDir, 'tls');
  await writeSiteTls(tlsDir, authority);
  const site = createSite({ dataDir, clock: new ManualClock(Date.now()), log: silentLog, registry });
  t.teardown(() => site.close());
  site.open();
  const roles = new Map<string, Role>([
    ['desk-1', 'dispatcher'],
    ['guard-1', 'dispatcher'],
  ]);
  const { mqtts: port } = await site.start({
    listener: new Witness(),
    judge: () => false,
    mqtts: { host: '127.0.0.1', port: 0, tlsDir },
    findPerson: (name) => {
      const role = roles.get(name);
      return role === undefined ? null : { name, role };
    },
  });
  const connect = async (name: string) => {
    const identity = await authority.issue(name);
    const client = mqtt.connect(`mqtts://localhost:${port}`, {
      ...{ clientId: name, reconnectPeriod: 0, ca: authority.cert, ...identity },
    });
    client.on('error', () => undefined);
    t.teardown(() => void client.end(true));
    await seen(client, 'connect');
    return client;
  };
  const desk = await connect('user.desk-1');
  const guard = await connect('user.guard-1');
  const device = await connect('north.pillar-1');
  site.recheckPeople();
  t.same(
    [desk, guard, device].map(({ connected }) => connected),
    [true, true, true],
  );
  roles.set('desk-1', 'auditor');
  roles.delete('guard-1');
  const gone = Promise.all([seen(desk, 'close'), seen(guard, 'close')]);
  site.recheckPeople();
  await gone;
  t.equal(device.connected, true);
  const refused = await registry.getSingleMetric('watchpost_mqtt_refused_total')?.get();
  t.equal(refused?.values.find(({ labels }) => labels.reason === 'WP3365')?.value, 2);
});
