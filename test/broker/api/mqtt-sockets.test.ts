import { once } from 'node:events';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import t, { type Test } from 'tap';
import { type RawData, WebSocket } from 'ws';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { NewTokenItem } from '#contract/http.ts';
import { upTopic } from '#contract/topics.ts';
import { pillar, place, seen, startSite } from '../server/test-site.ts';
import { PASSWORD } from '../support/access.ts';
import { type ApiSetting, apiSide, PACKET_BYTES, TOKENS } from '../support/api.ts';

/** A real site with its API on a real port; `refused` is what was counted at the WebSocket door. */
async function webSide(t: Test, setting: ApiSetting = {}) {
  const { site, device, registry } = await startSite(t);
  const refused: string[] = [];
  const door = {
    accept: (arrival: Parameters<typeof site.accept>[0]) => site.accept(arrival),
    refused: (code: string) => void refused.push(code),
  };
  const api = await apiSide(t, { mqtt: door, ...setting });
  const address = `${api.url.replace('http', 'ws')}/mqtt`;
  const connect = async (options: IClientOptions = {}): Promise<MqttClient> => {
    const client = mqtt.connect(address, {
      reconnectPeriod: 0,
      protocolVersion: 4,
      clientId: '',
      ...options,
    });
    t.teardown(() => client.end(true));
    client.on('error', () => undefined);
    await Promise.race([seen(client, 'connect'), seen(client, 'close')]);
    return client;
  };
  const raw = (headers: Record<string, string> = {}, protocols = ['mqtt']) => {
    const socket = new WebSocket(address, protocols, { headers });
    t.teardown(() => socket.terminate());
    socket.on('error', () => undefined);
    return socket;
  };
  return { ...api, site, device, registry, refused, address, connect, raw };
}

const bearer = (role: keyof typeof TOKENS) => ({ authorization: `Bearer ${TOKENS[role]}` });
const wsOptions = (role: keyof typeof TOKENS) => ({ wsOptions: { headers: bearer(role) } });

/** The status with which the upgrade was answered. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  const [, response] = await once(socket, 'unexpected-response');
  response.resume();
  return response.statusCode;
}

t.test('a session’s cookie lets a browser in; it hears devices and says nothing', async (t) => {
  const { call, connect, device, site } = await webSide(t);
  const answer = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const client = await connect({ wsOptions: { headers: { cookie } } });
  t.equal(client.connected, true);
  const granted = await client.subscribeAsync('wp/1/+/+/up/alarm', { qos: 1 });
  t.equal(granted[0]?.qos, 1);
  const topics: string[] = [];
  client.on('message', (topic) => topics.push(topic));
  const heard = seen(client, 'message');
  const north = await device();
  await north.send(north.press());
  await heard;
  t.same(topics, [upTopic(pillar, 'alarm')]);
  const closed = seen(client, 'close');
  client.publish(upTopic(pillar, 'alarm'), '{}', { qos: 1 });
  await closed;
  t.equal(site.list({ device: null, type: null, before: 1e9, limit: 10 }).length, 1, 'nothing was forged');
});

t.test('what may be heard goes by the role, and hearing pictures is written down', async (t) => {
  const { connect, site } = await webSide(t);
  const listening: string[] = [];
  site.feed.on('listening', ({ who, filter }) => void listening.push(`${who} ${filter}`));
  const filters = ['wp/1/+/+/up/alarm', 'wp/1/+/+/up/#', '$SYS/#', '#'];
  const heard = async (role: keyof typeof TOKENS) => {
    const client = await connect(wsOptions(role));
    return Promise.all(
      filters.map((filter) =>
        client.subscribeAsync(filter, { qos: 1 }).then(
          ([granted]) => (granted?.qos ?? 128) < 128,
          () => false,
        ),
      ),
    );
  };
  t.same(await heard('auditor'), [true, false, false, false]);
  t.same(await heard('dispatcher'), [true, true, false, false]);
  t.same(await heard('supervisor'), [true, true, true, false]);
  t.same(listening, ['desk-1 wp/1/+/+/up/#', 'supervisor-1 wp/1/+/+/up/#']);
});

t.test('a tool signs in with CONNECT: a name with a password or a token, and no other way', async (t) => {
  const { call, connect, db } = await webSide(t);
  await call('people', { body: { name: 'desk-9', role: 'dispatcher', password: PASSWORD } });
  const made = await call('tokens', { body: { label: 'map', scopes: ['read'], person: 'desk-9' } });
  const { token } = NewTokenItem.parse(made.json);
  const outcome = async (options: IClientOptions) => (await connect(options)).connected;
  t.equal(await outcome({ username: 'desk-9', password: PASSWORD }), true);
  t.equal(await outcome({ username: 'desk-9', password: token, clientId: 'user.desk-9.map' }), true);
  t.equal(await outcome({ username: 'desk-9', password: 'wrong' }), false);
  t.equal(await outcome({ username: 'desk-1', password: token }), false, 'the token of somebody else');
  t.equal(await outcome({}), false, 'nothing shown');
  t.equal(await outcome({ username: 'x'.repeat(5000), password: 'y' }), false, 'nobody’s name is so long');
  t.equal(
    await outcome({ username: 'desk-9', password: token, clientId: 'north.pillar-1' }),
    false,
    'a device’s name',
  );
  t.equal(
    await outcome({ username: 'desk-9', password: token, clientId: 'user.desk-1' }),
    false,
    'another’s name',
  );
  const rows = listAudit(db.sql, { before: 1e9, limit: 100 }).filter(({ detail }) =>
    detail.includes('"over":"mqtt"'),
  );
  t.equal(rows.filter(({ action }) => action === 'session.opened').length, 4);
  t.equal(rows.filter(({ action }) => action === 'session.refused').length, 1);
  t.notMatch(JSON.stringify(rows), token);
});

t.test('CONNACK says why: 4 for a wrong secret, 5 for nothing shown', async (t) => {
  const { raw } = await webSide(t);
  const code = async (more: object) => {
    const socket = raw();
    await once(socket, 'open');
    const [answer] = await Promise.all([
      once(socket, 'message'),
      socket.send(generate({ cmd: 'connect', clientId: '', clean: true, ...more })),
    ]);
    const [data]: RawData[] = answer;
    return data instanceof Buffer ? [...data] : [];
  };
  t.same(await code({ username: 'desk-1', password: Buffer.from('wrong') }), [0x20, 2, 0, 4]);
  t.same(await code({}), [0x20, 2, 0, 5]);
});

t.test('before the upgrade, what is wrong is said in HTTP', async (t) => {
  const { raw, url } = await webSide(t);
  t.equal(await refusal(raw({ authorization: 'Bearer wrong' })), 401);
  t.equal(await refusal(raw({ cookie: 'watchpost_session=wps_old' })), 401);
  t.equal(await refusal(raw(bearer('dispatcher'), [])), 400, 'no subprotocol');
  t.equal(await refusal(raw(bearer('dispatcher'), ['amqp'])), 400, 'another subprotocol');
  t.equal(await refusal(raw({ ...bearer('dispatcher'), origin: 'https://evil.example' })), 403);
  t.equal(await refusal(raw({ ...bearer('dispatcher'), origin: 'null' })), 403);
  const plain = await fetch(`${url}/mqtt`);
  t.match([plain.status, await plain.json()], [426, { code: 'WP3414' }]);
  t.equal(plain.headers.get('upgrade'), 'websocket');
  const own = raw({ ...bearer('dispatcher'), origin: url });
  await once(own, 'open');
  t.equal(own.protocol, 'mqtt');
});

t.test('a page of another origin may come where the configuration names it', async (t) => {
  const { raw } = await webSide(t, { access: { origins: ['https://map.example'] } });
  await once(raw({ ...bearer('dispatcher'), origin: 'https://map.example' }), 'open');
  t.equal(await refusal(raw({ ...bearer('dispatcher'), origin: 'https://map.example:8443' })), 403);
});

t.test('a packet may come in many frames and a frame may hold many packets', async (t) => {
  const { raw } = await webSide(t);
  const socket = raw(bearer('dispatcher'));
  await once(socket, 'open');
  const kinds: number[] = [];
  let bytes = Buffer.alloc(0);
  const answered = new Promise<void>((resolve) => {
    socket.on('message', (data, isBinary) => {
      t.equal(isBinary, true);
      bytes = Buffer.concat([bytes, data instanceof Buffer ? data : Buffer.alloc(0)]);
      // CONNACK (4 bytes), SUBACK (5), PINGRESP (2)
      if (bytes.length >= 11) resolve();
    });
  });
  const connect = generate({ cmd: 'connect', clientId: 'user.desk-1.raw', clean: true });
  for (const byte of connect) socket.send(Buffer.from([byte]));
  const subscribe = generate({
    cmd: 'subscribe',
    messageId: 7,
    subscriptions: [{ topic: 'wp/1/+/+/up/alarm', qos: 1 }],
  });
  socket.send(Buffer.concat([subscribe, generate({ cmd: 'pingreq' })]));
  await answered;
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) kinds.push((bytes[at] ?? 0) >> 4);
  t.same(kinds.sort(), [13, 2, 9].sort());
});

t.test('a text frame, or one without measure, ends the connection and is counted', async (t) => {
  const { raw, refused } = await webSide(t);
  const closeCode = async (data: string | Buffer) => {
    const socket = raw(bearer('dispatcher'));
    await once(socket, 'open');
    socket.send(data);
    const [code] = await once(socket, 'close');
    return code;
  };
  t.equal(await closeCode('hello'), 1003);
  t.equal(await closeCode(Buffer.alloc(PACKET_BYTES * 4 + 1)), 1009);
  t.same(refused, ['WP3413', 'WP3101']);
});

t.test('who has not signed in yet may send no more than a CONNECT has room for', async (t) => {
  const { raw, refused, call } = await webSide(t);
  const closeCode = async (...frames: Buffer[]) => {
    const socket = raw();
    await once(socket, 'open');
    for (const frame of frames) socket.send(frame);
    const [code] = await once(socket, 'close');
    return code;
  };
  t.equal(await closeCode(Buffer.alloc(64 * 1024 + 1)), 1009);
  t.same(refused, ['WP3101']);
  const made = await call('tokens', { as: 'dispatcher', body: { label: 'map', scopes: ['read'] } });
  const { token } = NewTokenItem.parse(made.json);
  const login = { username: 'desk-1', password: Buffer.from(token) };
  const socket = raw();
  await once(socket, 'open');
  socket.send(generate({ cmd: 'connect', clientId: '', clean: true, ...login }));
  await once(socket, 'message');
  const payload = Buffer.alloc(100 * 1024);
  socket.send(
    generate({ cmd: 'publish', topic: 'wp/1/a/b/up/event', payload, qos: 0, dup: false, retain: false }),
  );
  t.not((await once(socket, 'close'))[0], 1009, 'it was read, and refused for what it is');
  t.same(refused, ['WP3101']);
});

t.test('whoever is out is cut off at once: signed out, disabled, or a token revoked', async (t) => {
  const { call, connect, refused } = await webSide(t);
  await call('people', { body: { name: 'desk-9', role: 'dispatcher', password: PASSWORD } });
  const signedIn = await call('session', { as: null, body: { name: 'desk-9', password: PASSWORD } });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const made = await call('tokens', { body: { label: 'map', scopes: ['read'], person: 'desk-9' } });
  const { token, id } = NewTokenItem.parse(made.json);
  const byCookie = await connect({ wsOptions: { headers: { cookie } } });
  const byToken = await connect({ wsOptions: { headers: { authorization: `Bearer ${token}` } } });
  const byPassword = await connect({ username: 'desk-9', password: PASSWORD });
  t.same(
    [byCookie, byToken, byPassword].map(({ connected }) => connected),
    [true, true, true],
  );
  const cut = (client: MqttClient) => seen(client, 'close');
  await Promise.all([cut(byCookie), call('session', { as: null, method: 'DELETE', headers: { cookie } })]);
  t.same([byToken.connected, byPassword.connected], [true, true]);
  await Promise.all([cut(byToken), call(`tokens/${id}`, { method: 'DELETE' })]);
  await Promise.all([cut(byPassword), call('people/desk-9', { method: 'PATCH', body: { disabled: true } })]);
  t.same(refused, ['WP3365', 'WP3365', 'WP3365']);
});

t.test(
  'a session that runs out takes its connection with it; one that is connected does not idle',
  async (t) => {
    const { call, connect, clock } = await webSide(t, { access: { sessionHours: 2, sessionIdleMinutes: 5 } });
    const signedIn = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const client = await connect({ wsOptions: { headers: { cookie } } });
    await clock.advance(119 * 60_000);
    t.equal(client.connected, true);
    const closed = seen(client, 'close');
    await clock.advance(60_000);
    await closed;
  },
);

t.test('closing the server ends the connections, and waits for nobody', async (t) => {
  const { connect, server, clock } = await webSide(t);
  const client = await connect(wsOptions('dispatcher'));
  const closed = seen(client, 'close');
  await server.close();
  await closed;
  t.equal(clock.pending, 0);
});

/** In flight: they share a commit, which is most of what one costs. */
const AT_ONCE = 10;

t.test('a page that does not read misses messages; everybody else gets all of them, in order', async (t) => {
  const { connect, raw, device, registry } = await webSide(t);
  const stalled = raw(bearer('dispatcher'));
  await once(stalled, 'open');
  const [answer] = await Promise.all([
    once(stalled, 'message'),
    stalled.send(generate({ cmd: 'connect', clientId: 'user.desk-1.stalled', clean: true })),
  ]);
  t.equal(answer.length, 2);
  const subscriptions = [{ topic: 'wp/1/+/+/up/alarm', qos: 0 as const }];
  const [granted] = await Promise.all([
    once(stalled, 'message'),
    stalled.send(generate({ cmd: 'subscribe', messageId: 1, subscriptions })),
  ]);
  t.ok(granted);
  stalled.pause();
  const reader = await connect(wsOptions('supervisor'));
  await reader.subscribeAsync('wp/1/+/+/up/alarm', { qos: 0 });
  const north = await device();
  const filling = 'x'.repeat(60_000);
  const seqs: number[] = [];
  const all = new Promise<void>((resolve) => {
    reader.on('message', (_topic, payload) => {
      seqs.push(JSON.parse(payload.toString()).wpseq);
      if (seqs.length === 300) resolve();
    });
  });
  for (let n = 0; n < 300; n += AT_ONCE) {
    const events = Array.from({ length: AT_ONCE }, () =>
      north.envelope('wp.panic.pressed.v1', { place, input: 'button', cause: 'edge', edges: 1, filling }),
    );
    await Promise.all(events.map((event) => north.send(event)));
  }
  await all;
  t.same(
    seqs,
    [...seqs].sort((a, b) => a - b),
  );
  const missed = await registry.getSingleMetric('watchpost_mqtt_not_forwarded_total')?.get();
  t.ok(
    (missed?.values.find(({ labels }) => labels.reason === 'dropped')?.value ?? 0) > 0,
    'and it is counted',
  );
});
