import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import mqtt from 'mqtt';
import { Registry } from 'prom-client';
import t from 'tap';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { createSite } from '#broker/server/site.ts';
import { TestAuthority, writeSiteTls } from '#test/support/certificates.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { seen, Witness } from '../test-site.ts';

interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

async function tlsSite(t: Teardown, halfOpen: number) {
  const dataDir = temporaryFolder(t);
  const authority = await TestAuthority.make();
  await writeSiteTls(join(dataDir, 'tls'), authority);
  const clock = new ManualClock(Date.now());
  const registry = new Registry();
  const connections = { ...DEFAULT_CONNECTION_LIMITS, halfOpen };
  const limits = { sessions: DEFAULT_SESSION_LIMITS, connections };
  const site = createSite({ dataDir, clock, log: silentLog, registry, limits });
  site.open();
  const { mqtts } = await site.start({
    ...{ listener: new Witness(), judge: () => false },
    mqtts: { host: '127.0.0.1', port: 0, tlsDir: join(dataDir, 'tls') },
  });
  t.teardown(() => site.close());
  return { site, clock, registry, authority, port: mqtts ?? 0 };
}

function watched(t: Teardown, socket: Socket): { socket: Socket; closed: Promise<void> } {
  socket.on('error', () => socket.destroy());
  socket.resume();
  t.teardown(() => void socket.destroy());
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

const refused = async (registry: Registry, code: string): Promise<number> =>
  Number(new RegExp(`refused_total\\{reason="${code}"\\} (\\d+)`).exec(await registry.metrics())?.[1] ?? 0);

t.test('sockets without a handshake and handshakes without CONNECT end at one deadline', async (t) => {
  const { site, clock, registry, authority, port } = await tlsSite(t, 100);
  const identity = await authority.issue('north.pillar-1');
  const mute = watched(t, connectTcp({ host: '127.0.0.1', port }));
  const secured = connectTls({
    host: '127.0.0.1',
    port,
    ca: authority.cert,
    ...identity,
    servername: 'localhost',
  });
  const silent = watched(t, secured);
  await new Promise<void>((resolve) => secured.once('secureConnect', () => resolve()));
  const device = mqtt.connect(`mqtts://localhost:${port}`, {
    ...{ reconnectPeriod: 0, ca: authority.cert, ...identity, clientId: 'north.pillar-1' },
  });
  t.teardown(() => void device.end(true));
  await seen(device, 'connect');
  await device.subscribeAsync('wp/1/north/pillar-1/down/#');
  t.same(site.connections, { open: 3, halfOpen: 2, addresses: 1 }, 'one TLS connection is one, not two');
  await clock.advance(10_001);
  await Promise.all([mute.closed, silent.closed]);
  t.equal(await refused(registry, 'WP3124'), 2);
  t.ok(device.connected);
});

t.test('a flood of sockets that never begin TLS is bounded, and a device comes in', async (t) => {
  const { site, registry, authority, port } = await tlsSite(t, 10);
  const flood = Array.from({ length: 100 }, () => watched(t, connectTcp({ host: '127.0.0.1', port })));
  await Promise.all(flood.slice(0, 80).map(({ closed }) => closed));
  const identity = await authority.issue('north.pillar-1');
  const device = mqtt.connect(`mqtts://localhost:${port}`, {
    ...{ reconnectPeriod: 0, ca: authority.cert, ...identity, clientId: 'north.pillar-1' },
  });
  t.teardown(() => void device.end(true));
  await seen(device, 'connect');
  t.ok(site.connections.open <= 11, `${site.connections.open} sockets are held`);
  t.ok((await refused(registry, 'WP3123')) >= 80);
});
