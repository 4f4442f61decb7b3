import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { type ApiSetting, apiSide } from '../support/api.ts';

async function cappedSide(t: Test, access: ApiSetting['access']) {
  const refused: string[] = [];
  const door = {
    accept: () => undefined,
    refused: (code: string) => void refused.push(code),
  };
  const { url, call } = await apiSide(t, { access: { connectionsPerAddress: 10, ...access }, mqtt: door });
  const { port } = new URL(url);
  const open = async (host = '127.0.0.1', localAddress = host) => {
    const socket = connect({ host, port: Number(port), localAddress });
    t.teardown(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'connect');
    return socket;
  };
  return { refused, call, open };
}

t.test('one address cannot take all connections of the HTTP port', async (t) => {
  const { refused, open } = await cappedSide(t, {});
  const silent = await Promise.all(Array.from({ length: 10 }, () => open()));
  const more = await open();
  await once(more, 'close');
  t.same(refused, ['WP3121']);
  const neighbour = await open('127.0.0.1', '127.0.0.2');
  const ask = 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
  neighbour.write(ask);
  t.match(String((await once(neighbour, 'data'))[0]), /^HTTP\/1.1 200/, 'others are served');
  silent[0]?.write(ask);
  await once(silent[0] ?? neighbour, 'close');
  const again = await open();
  again.write(ask);
  t.match(String((await once(again, 'data'))[0]), /^HTTP\/1.1 200/, 'as soon as one has gone');
});

t.test('a proxy that was named has no cap', async (t) => {
  for (const trustedProxies of [['127.0.0.1'], ['127.0.0.0/8']]) {
    const { refused, open, call } = await cappedSide(t, { trustedProxies });
    await Promise.all(Array.from({ length: 12 }, () => open()));
    t.equal((await call('/healthz')).status, 200);
    t.same(refused, []);
  }
});
