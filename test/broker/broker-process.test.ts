import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import * as z from 'zod';
import { DeviceItem, EventItem, IncidentDetail, IncidentItem } from '#contract/http.ts';
import { runBroker, startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { connectPillar } from './support/pillar.ts';

const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

function api({ http, token }: { http: string; token: string }) {
  return async <T extends z.ZodType>(schema: T, path: string, body?: object): Promise<z.infer<T>> => {
    const answer = await fetch(`${http}/api/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return schema.parse(await answer.json());
  };
}

t.test(
  'a press over MQTT is an incident over HTTP; its acknowledgement goes back to the device',
  async (t) => {
    const dataDir = temporaryFolder(t);
    const broker = await startBroker(t, dataDir);
    const ask = api(broker);
    const pillar = await connectPillar(t, broker.mqtt);
    const eventId = await pillar.press();
    const { items } = await ask(listOf(IncidentItem), 'incidents?state=open');
    t.match(items, [{ device: 'pillar-001', type: 'wp.panic.pressed.v1', place: { label: 'North gate' } }]);
    const incidentId = items[0]?.id ?? '';
    t.match(await pillar.received('incident'), { incidentId, alarmIds: [eventId], state: 'open', rev: 1 });
    await ask(IncidentDetail, `incidents/${incidentId}/acknowledge`, { note: 'coming' });
    const acknowledged = await pillar.received('incident', ({ state }) => state === 'acknowledged');
    t.match(acknowledged, { incidentId, rev: 2 });
    t.match(await pillar.received('receipt'), { lane: 'alarm', upTo: 1, atId: eventId });
    const devices = await ask(listOf(DeviceItem), 'devices');
    t.match(devices.items, [{ id: 'mall.pillar-001', online: true, openIncidentId: incidentId }]);
    const events = await ask(listOf(EventItem), 'events?device=mall.pillar-001&type=wp.panic.pressed.v1');
    t.match(events.items, [{ id: eventId, row: Number }]);
    t.equal(statSync(join(dataDir, 'admin.token')).mode & 0o777, 0o600);
    t.equal(await broker.stop(), 0);
  },
);

t.test(
  'what happened before a crash is told after it, and the device hears of it when it subscribes',
  async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await startBroker(t, dataDir);
    const pillar = await connectPillar(t, first.mqtt);
    const eventId = await pillar.press();
    pillar.client.on('error', () => undefined);
    await first.stop('SIGKILL');
    const second = await startBroker(t, dataDir);
    t.equal(second.token, first.token, 'the token stays');
    const again = await connectPillar(t, second.mqtt);
    t.match(await again.received('incident'), { alarmIds: [eventId], state: 'open', rev: 1 });
    const { items } = await api(second)(listOf(IncidentItem), 'incidents');
    t.match(
      items,
      [{ escalations: [{ step: 0 }, { step: 1, name: 'site-guards' }] }],
      'nobody was looking on',
    );
    t.equal(await second.stop('SIGINT'), 0);
  },
);

t.test(
  'a command reaches the device and its reply the caller; one to a device that is away is refused',
  async (t) => {
    const broker = await startBroker(t, temporaryFolder(t));
    const ask = api(broker);
    const pillar = await connectPillar(t, broker.mqtt);
    const answering = pillar
      .received('command')
      .then(({ id, name }) =>
        pillar.reply({ id, name, ok: true, result: { spoken: true }, at: new Date().toISOString() }),
      );
    const path = 'devices/mall.pillar-001/commands';
    const answer = await ask(z.any(), path, { name: 'speak', args: { key: 'help-coming' } });
    await answering;
    t.match(answer, { name: 'speak', reply: { ok: true, result: { spoken: true } } });
    const stream = await openStream(broker);
    await pillar.client.endAsync();
    await stream.until('"online":false');
    stream.close();
    t.match(await ask(z.any(), path, { name: 'selftest' }), { status: 409, code: 'WP3405' });
  },
);

t.test('in test mode a press is marked and pages nobody', async (t) => {
  const broker = await startBroker(t, temporaryFolder(t));
  const ask = api(broker);
  const pillar = await connectPillar(t, broker.mqtt);
  const agreeing = pillar
    .received('command')
    .then(({ id, name }) => pillar.reply({ id, name, ok: true, at: new Date().toISOString() }));
  const args = { inputs: ['button'], forS: 60 };
  await ask(z.any(), 'devices/mall.pillar-001/commands', { name: 'test-mode', args });
  await agreeing;
  await pillar.press();
  await pillar.raise('wp.tamper.opened.v1', { cause: 'edge', input: 'case' });
  const { items } = await ask(listOf(IncidentItem), 'incidents');
  t.match(items, [
    { type: 'wp.tamper.opened.v1', test: false },
    { type: 'wp.panic.pressed.v1', test: true, escalations: [], nextEscalationAt: null },
  ]);
});

t.test('a broken alarm opens an incident over HTTP', async (t) => {
  const broker = await startBroker(t, temporaryFolder(t));
  const pillar = await connectPillar(t, broker.mqtt);
  await pillar.client.publishAsync('wp/1/mall/pillar-001/up/alarm', '{"help', { qos: 1 });
  const { items } = await api(broker)(listOf(IncidentItem), 'incidents');
  t.match(items, [{ type: 'wp.alarm.unreadable.v1', device: 'pillar-001', place: { label: 'North gate' } }]);
});

t.test('an event is told on the stream as it comes', async (t) => {
  const broker = await startBroker(t, temporaryFolder(t));
  const pillar = await connectPillar(t, broker.mqtt);
  const stream = await openStream(broker);
  const id = await pillar.press();
  const told = await stream.until('event: incident');
  t.match(told, id);
  t.match(told, /event: event/);
  t.equal(await broker.stop(), 0, 'it stops while a device and a console are connected');
  stream.close();
});

t.test('a device that falls silent is a fault, and its next sign of life resolves it', async (t) => {
  const broker = await startBroker(t, temporaryFolder(t));
  const pillar = await connectPillar(t, broker.mqtt);
  const stream = await openStream(broker);
  await pillar.sayState({ supervisionS: 1 });
  t.match(await stream.until('"type":"wp.supervision.lost.v1","test":false'), /wp\.supervision\.lost\.v1/);
  await pillar.sayState({ supervisionS: 60 });
  await stream.until('"state":"resolved"');
  stream.close();
  const { items } = await api(broker)(listOf(EventItem), 'events?device=mall.pillar-001');
  t.same(
    items.map(({ type }) => type),
    ['wp.supervision.restored.v1', 'wp.supervision.lost.v1'],
  );
  const incidents = await api(broker)(listOf(IncidentItem), 'incidents');
  t.match(incidents.items, [{ type: 'wp.supervision.lost.v1', state: 'resolved' }]);
});

t.test(
  'with nobody at a console the guards’ webhook is called at once, and the proof is shown',
  async (t) => {
    const folder = temporaryFolder(t);
    const bodies: string[] = [];
    const guards = createHttpServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.writeHead(200, { 'x-request-id': 'g-1' }).end());
    }).listen(0, '127.0.0.1');
    await once(guards, 'listening');
    t.teardown(() => guards.close());
    const config = join(folder, 'site.yaml');
    const url = `http://127.0.0.1:${portOf(guards)}/`;
    writeFileSync(
      config,
      `notifiers:\n  - {kind: webhook, name: guards, url: "${url}", secret: 0123456789abcdef}\n`,
    );
    const args = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--config', config];
    const broker = await startBroker(t, join(folder, 'data'), args);
    const pillar = await connectPillar(t, broker.mqtt);
    const called = once(guards, 'request');
    await pillar.press();
    await called;
    const ask = api(broker);
    let rung: unknown = null;
    do {
      rung = (await ask(listOf(IncidentItem), 'incidents')).items[0]?.escalations[1];
    } while (z.looseObject({ delivered: z.null() }).safeParse(rung).success);
    t.match(rung, {
      ...{ name: 'site-guards', delivered: true },
      notifications: [{ notifier: 'guards', attempts: 1, status: 200, responseId: 'g-1' }],
    });
    t.match(JSON.parse(bodies.join('')), { data: { incident: { device: 'pillar-001' } } });
  },
);

t.test('without its TLS files the TLS listener is refused, and the files are named', async (t) => {
  const { code, error } = await runBroker([
    ...['--data', temporaryFolder(t), '--http', '127.0.0.1:0', '--mqtts', '127.0.0.1:0'],
  ]);
  t.equal(code, 1);
  t.match(error, /WP5009.*server\.key/);
});

t.test('wrong use says what is right and exits 2', async (t) => {
  const base = ['--data', temporaryFolder(t), '--http', '127.0.0.1:0'];
  const cases: [string[], RegExp][] = [
    [[], /--data <dir>/],
    [base, /give --mqtt HOST:PORT/],
    [[...base, '--mqtt', '1883'], /Use HOST:PORT, for example 127\.0\.0\.1:1883/],
    [[...base, '--mqtt', '0.0.0.0:1883'], /loopback/],
    [[...base, '--mqtt', '127.0.0.1:0', '--open'], /use it with --dev/],
    [[...base.slice(0, 2), '--http', '0.0.0.0:0', '--mqtt', '127.0.0.1:0', '--dev'], /loopback/],
    [[...base, '--mqtt', '127.0.0.1:0', '--colour'], /unknown option/],
    [[...base, '--mqtt', '127.0.0.1:0', '--config', '/nowhere.yaml'], /WP5002.*nowhere/],
  ];
  for (const [args, says] of cases) {
    const { code, error, out } = await runBroker(args);
    t.equal(code, 2, args.join(' '));
    t.match(error, says);
    t.equal(out, '');
  }
  const help = await runBroker(['--help']);
  t.equal(help.code, 0);
  t.match(help.out, /--mqtt <host:port>/);
});

t.test('a configuration that does not fit is refused with file, line and path', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'site.yaml');
  writeFileSync(config, 'supervision:\n  defaultS: 60\nescalation:\n  - name: guards\n    afterS: soon\n');
  const args = ['--data', folder, '--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0', '--config', config];
  const { code, error } = await runBroker(args);
  t.equal(code, 2);
  t.match(error, `${config}:5: escalation.0.afterS`);
});

t.test('a port in use is named with the remedy, and leaves nothing running', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const port = portOf(taken);
  const data = ['--data', temporaryFolder(t), '--dev'];
  const http = await runBroker([...data, '--mqtt', '127.0.0.1:0', '--http', `127.0.0.1:${port}`]);
  t.equal(http.code, 1);
  t.match(http.error, /WP5001/);
  t.match(http.error, new RegExp(`127.0.0.1:${port}[^]*--http`));
  const mqtt = await runBroker([...data, '--http', '127.0.0.1:0', '--mqtt', `127.0.0.1:${port}`]);
  t.equal(mqtt.code, 1);
  t.match(mqtt.error, new RegExp(`127.0.0.1:${port}`));
});

t.test('a second broker on the same folder is refused', async (t) => {
  const dataDir = temporaryFolder(t);
  await startBroker(t, dataDir);
  const { code, error } = await runBroker([
    ...['--data', dataDir, '--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0', '--dev'],
  ]);
  t.equal(code, 1);
  t.match(error, /WP5007/);
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function openStream({ http, token }: { http: string; token: string }) {
  const stop = new AbortController();
  const answer = await fetch(`${http}/api/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let got = '';
  const until = async (text: string): Promise<string> => {
    while (!got.includes(text)) {
      const part = await reader?.read();
      if (part === undefined || part.done) return got;
      got += part.value;
    }
    return got;
  };
  return { until, close: () => stop.abort() };
}

t.test('a data folder that cannot be made ends the start with what to do', async (t) => {
  const address = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev'];
  const { code, error } = await runBroker(['--data', '/proc/none/site', ...address]);
  t.equal(code, 1);
  t.match(error, /WP5008/);
});
