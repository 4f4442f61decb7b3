import t from 'tap';
import { BAD_STRINGS, field, frame, number16 } from './bytes.ts';
import { endsSilently, openSite, publish, receive, subscribe, textOf } from './open-site.ts';

/** Filter, the topics it matches, and those it does not: the standard's own examples (§4.7) and their edges. */
const MATCHES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'sport/tennis/player1/#',
    ['sport/tennis/player1', 'sport/tennis/player1/ranking', 'sport/tennis/player1/score/wimbledon'],
    ['sport/tennis/player2', 'sport/tennis/player11'],
  ],
  ['sport/#', ['sport', 'sport/', 'sport/a//b'], ['Sport', 'sports']],
  ['#', ['a', '/', '/a', 'a/b/c', ' '], ['$a', '$SYSTEM/b', '$/a']],
  [
    'sport/tennis/+',
    ['sport/tennis/player1', 'sport/tennis/'],
    ['sport/tennis', 'sport/tennis/player1/ranking'],
  ],
  ['sport/+', ['sport/', 'sport/x'], ['sport', 'sport//']],
  ['+', ['finance', ' '], ['/finance', 'finance/', '$finance']],
  ['+/+', ['/finance', 'a/b', '/'], ['finance', 'a/b/c', '$a/b']],
  ['/+', ['/finance', '/'], ['finance', '//']],
  ['+/monitor/Clients', ['x/monitor/Clients'], ['$x/monitor/Clients', 'x/monitor/clients']],
  ['$x/#', ['$x', '$x/monitor/Clients'], ['x', 'x/$x']],
  ['$x/monitor/+', ['$x/monitor/Clients'], ['x/monitor/Clients']],
  ['a/+/c/#', ['a/b/c', 'a//c', 'a/b/c/d/e'], ['a/c', 'a/b/d']],
  ['ACCOUNTS', ['ACCOUNTS'], ['Accounts', 'ACCOUNTS/', '/ACCOUNTS']],
  ['Accounts payable', ['Accounts payable'], ['Accountspayable', 'Accounts  payable']],
];

t.test(
  '[MQTT-4.7.2-1] [MQTT-4.7.3-4] filters match the topics of a table, and only those: wildcards, $, case, slashes, spaces',
  async (t) => {
    const site = await openSite(t);
    const sender = await site.connect('sender');
    for (const [filter, yes, no] of MATCHES) {
      for (const qos of [0, 1] as const) {
        const reader = await site.connect(`reader-${qos}`, { clean: qos === 0 });
        await subscribe(reader, { [filter]: qos });
        const want = yes[0] ?? '';
        for (const topic of no) await publish(sender, topic, { qos, payload: 'not this' });
        for (const topic of yes) await publish(sender, topic, { qos });
        await publish(sender, want, { qos, payload: 'sentinel' });
        const got: string[] = [];
        for (let text = ''; text !== 'sentinel'; ) {
          const message = await receive(reader);
          text = textOf(message);
          if (text !== 'sentinel') got.push(message.topic);
        }
        t.same(got.sort(), [...yes].sort(), `${filter} with QoS ${qos}`);
        reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] });
        await reader.until('unsuback');
        await reader.disconnect();
      }
    }
  },
);

t.test('retained messages are found by the same rules', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  const topics = [...new Set(MATCHES.flatMap(([, yes, no]) => [...yes, ...no])), 'end/of/all/of/them'];
  for (const topic of topics) await publish(sender, topic, { qos: 1, retain: true });
  for (const [filter, yes, no] of MATCHES) {
    const reader = await site.connect('reader');
    await subscribe(reader, { [filter]: 0 });
    const got: string[] = [];
    while (yes.some((topic) => !got.includes(topic))) got.push((await receive(reader)).topic);
    await subscribe(reader, { 'end/of/all/of/them': 0 }, 2);
    while (got.at(-1) !== 'end/of/all/of/them') got.push((await receive(reader)).topic);
    t.same(
      no.filter((topic) => got.includes(topic)),
      [],
      `${filter}: none that does not`,
    );
    await reader.disconnect();
  }
});

t.test(
  '[MQTT-4.7.1-2] [MQTT-4.7.1-3] a wildcard that is not a whole level, or # before the end, ends the connection',
  async (t) => {
    const site = await openSite(t);
    const wrong = [
      'a#',
      '#a',
      'a/b#',
      'a/#/b',
      '##',
      '#/',
      'a/##',
      '+a',
      'a+',
      'a/b+',
      'a/+b/c',
      '++',
      'a/++/b',
      '+#',
      '#+',
    ];
    for (const filter of wrong) {
      const subscriber = await site.connect('raw');
      subscriber.send(frame(0x82, number16(1), field(filter), [0]));
      await endsSilently(t, subscriber, `SUBSCRIBE ${filter}`);
      const other = await site.connect('raw');
      other.send(frame(0xa2, number16(1), field(filter)));
      await endsSilently(t, other, `UNSUBSCRIBE ${filter}`);
    }
  },
);

t.test('[MQTT-4.7.3-1] empty topics and filters end the connection; one character is enough', async (t) => {
  const site = await openSite(t);
  const wrong: [string, Buffer][] = [
    ['PUBLISH', frame(0x30, field(''), [1])],
    ['SUBSCRIBE', frame(0x82, number16(1), field(''), [0])],
    ['UNSUBSCRIBE', frame(0xa2, number16(1), field(''))],
  ];
  for (const [what, bytes] of wrong) {
    const client = await site.connect('raw');
    client.send(bytes);
    await endsSilently(t, client, what);
  }
  const client = await site.connect('raw');
  await subscribe(client, { '/': 0 });
  await publish(client, '/');
  t.equal((await receive(client)).topic, '/');
});

t.test(
  '[MQTT-1.5.3-1] [MQTT-1.5.3-2] [MQTT-4.7.3-2] a string that is not UTF-8, or has U+0000, ends the connection and is not acted upon',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { '#': 0 });
    for (const [what, bytes] of BAD_STRINGS) {
      const client = await site.connect('raw');
      client.send(frame(0x30, field(bytes), [1]));
      await endsSilently(t, client, what);
    }
    await publish(watcher, 'sentinel');
    t.equal((await receive(watcher)).topic, 'sentinel');
  },
);

t.test('[MQTT-1.5.3-3] U+FEFF in a topic is a character like any other', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  await subscribe(client, { '\ufeffa': 1 });
  await publish(client, 'a', { qos: 1 });
  await publish(client, '\ufeffa', { qos: 1 });
  const { topic } = await receive(client);
  t.equal(topic, '\ufeffa');
  t.ok(client.bytes.includes(Buffer.from([0, 4, 0xef, 0xbb, 0xbf, 0x61])), 'byte for byte');
});

t.test('topics of other scripts, control characters and look-alikes are kept apart', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  const topics = [
    'é',
    'e\u0301',
    '北门/报警',
    '😀',
    'a\u0001b',
    'a\u007fb',
    'x\uffff',
    'А',
    '__proto__',
    'constructor',
  ];
  for (const topic of topics) await subscribe(client, { [topic]: 1 });
  for (const topic of topics) await publish(client, topic, { qos: 1 });
  for (const topic of topics) t.equal((await receive(client)).topic, topic);
  t.same(client.waiting(), []);
});

t.test('[MQTT-4.7.3-3] topics and filters up to 65,535 bytes are served', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  const long = `${'x/'.repeat(40)}${'y'.repeat(65_535 - 80)}`;
  await subscribe(client, { [long]: 1 });
  await publish(client, long, { qos: 1 });
  t.equal((await receive(client)).topic.length, 65_535);
});
