import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Identity } from '#broker/auth/identity.ts';
import { ROLES } from '#broker/auth/roles.ts';
import { ServiceGrant, TopicAccess, VdaSettings } from '#broker/auth/topic-access.ts';
import { covers, isTopicFilter } from '#broker/auth/topic-cover.ts';
import { filterMatches } from '#broker/persistence/sessions/topic-filters.ts';
import { parseTopic } from '#contract/topics.ts';
import { seeded } from '#test/support/random.ts';

const access = new TopicAccess({
  services: [
    ServiceGrant.parse({
      name: 'fleet',
      listen: ['uagv/#', '$SYS/#'],
      publish: ['uagv/+/+/+/+'],
      retain: ['uagv/+/+/+/zoneSet'],
    }),
  ],
  vda5050: VdaSettings.parse({ interfaces: ['uagv'], manufacturers: ['watchpost'] }),
});

const address = { site: 'north', device: 'robot-1' } as const;
const WHO: Readonly<Record<string, Identity>> = {
  device: { kind: 'device', address },
  vehicle: { kind: 'vehicle', address },
  'svc.fleet (granted)': { kind: 'service', name: 'fleet' },
  'svc. without a grant': { kind: 'service', name: 'other' },
  'a tool on loopback': { kind: 'service', name: null },
  nobody: { kind: 'nobody' },
  open: { kind: 'open' },
  ...Object.fromEntries(
    ROLES.map((role): [string, Identity] => [
      `user. ${role}`,
      { kind: 'person', person: { name: 'a', role } },
    ]),
  ),
};
const publish = (who: string, topic: string, retain = false) =>
  access.refusePublish(WHO[who] ?? { kind: 'nobody' }, { topic, retain });
const subscribe = (who: string, filter: string) =>
  access.refuseSubscribe(WHO[who] ?? { kind: 'nobody' }, filter);

const OWN = 'wp/1/north/robot-1';
const VDA = 'uagv/v2/watchpost/north.robot-1';

/** Who may publish what: `+` plain, `r` with the retain flag, both or neither. Everybody else may not. */
const PUBLISH: readonly [string, Readonly<Record<string, '+' | 'r' | '+r'>>][] = [
  [`${OWN}/up/alarm`, { device: '+' }],
  [`${OWN}/up/event`, { device: '+' }],
  [`${OWN}/up/telemetry`, { device: '+' }],
  [`${OWN}/up/state`, { device: '+r' }],
  [`${OWN}/up/reply`, { device: '+' }],
  [`${OWN}/up/blob/a/0`, { device: '+' }],
  // Not of the wire, yet its own: filed and confirmed, so that it blocks nothing behind it.
  [`${OWN}/up/other`, { device: '+' }],
  [`${OWN}/up/`, { device: '+' }],
  [`${OWN}/up/../down/receipt`, { device: '+' }],
  [`${OWN}/up`, {}],
  [`${OWN}/up/state/x`, { device: '+' }],
  [`${OWN}/down/receipt`, {}],
  [`${OWN}/down/incident`, {}],
  [`${OWN}/down/command`, {}],
  [`${OWN}/down/blob/a/0`, {}],
  [`${OWN}/down/../up/alarm`, {}],
  [`${OWN}//up/alarm`, {}],
  ['wp/1/north/robot-10/up/alarm', {}],
  ['wp/1/north/robot-/up/alarm', {}],
  ['wp/1/south/robot-1/up/alarm', {}],
  ['wp/1/north/pillar-1/up/state', {}],
  ['wp/1/north/pillar-1/down/receipt', {}],
  ['wp/2/north/robot-1/up/alarm', {}],
  ['WP/1/north/robot-1/up/alarm', {}],
  ['/wp/1/north/robot-1/up/alarm', {}],
  ['wp/1/nоrth/robot-1/up/alarm', {}], // Cyrillic о
  ['wp/1/north/robot-1/uр/alarm', {}], // Cyrillic р
  [`${VDA}/state`, { vehicle: '+' }],
  [`${VDA}/visualization`, { vehicle: '+' }],
  [`${VDA}/connection`, { vehicle: '+r' }],
  [`${VDA}/factsheet`, { vehicle: '+r' }],
  [`${VDA}/order`, { 'svc.fleet (granted)': '+' }],
  [`${VDA}/instantActions`, { 'svc.fleet (granted)': '+' }],
  [`${VDA}/zoneSet`, { 'svc.fleet (granted)': '+r' }],
  [`${VDA}/state/x`, {}],
  [`${VDA}`, {}],
  ['uagv/v1/watchpost/north.robot-1/state', {}],
  ['uagv/v2/other/north.robot-1/state', {}],
  ['uagv/v2/watchpost/north.robot-2/connection', {}],
  ['uagv/v2/watchpost/north.robot-2/order', { 'svc.fleet (granted)': '+' }],
  ['site/door/1', {}],
];

t.test('who may publish what is this table, with open allowed everything but $SYS', (t) => {
  for (const [topic, allowed] of PUBLISH) {
    for (const who of Object.keys(WHO)) {
      const may = who === 'open' ? '+r' : (allowed[who] ?? '');
      t.equal(publish(who, topic) === null, may.includes('+'), `${who} publishes ${topic}`);
      t.equal(publish(who, topic, true) === null, may.includes('r'), `${who} retains ${topic}`);
    }
  }
  t.end();
});

/** Who may subscribe to what, besides `open`. */
const READERS = ['user. admin', 'user. supervisor', 'user. dispatcher', 'user. technician', 'user. auditor'];
const WITH_EVIDENCE = ['user. admin', 'user. supervisor', 'user. dispatcher'];
const LISTENERS = ['svc. without a grant', 'a tool on loopback'];
const SUBSCRIBE: readonly [string, readonly string[]][] = [
  [`${OWN}/down/#`, ['device', ...LISTENERS]],
  [`${OWN}/down`, ['device', ...LISTENERS]],
  [`${OWN}/down/+`, ['device', ...LISTENERS]],
  [`${OWN}/down/receipt`, ['device', ...LISTENERS, ...READERS]],
  [`${OWN}/down/blob/a/0`, ['device', ...LISTENERS]],
  [`${OWN}/down/../up/alarm`, ['device', ...LISTENERS]],
  [`${OWN}/#`, LISTENERS],
  [`${OWN}/+/incident`, LISTENERS],
  [`${OWN}/up/#`, [...LISTENERS, ...WITH_EVIDENCE]],
  [`${OWN}/up/alarm`, [...LISTENERS, ...READERS]],
  [`${OWN}/up/blob/#`, [...LISTENERS, ...WITH_EVIDENCE]],
  ['wp/1/+/+/up/#', [...LISTENERS, ...WITH_EVIDENCE]],
  ['wp/1/+/+/up/+', [...LISTENERS, ...WITH_EVIDENCE]],
  ['wp/1/+/+/up/state', [...LISTENERS, ...READERS]],
  ['wp/1/north/+/down/#', LISTENERS],
  ['wp/1/+/robot-1/down/#', LISTENERS],
  ['wp/1/north/robot-10/down/#', LISTENERS],
  ['wp/1/north/pillar-1/down/receipt', [...LISTENERS, ...READERS]],
  ['wp/1/#', LISTENERS],
  ['wp/1', LISTENERS],
  ['wp/+/north/robot-1/down/#', []],
  ['+/1/north/robot-1/down/#', []],
  ['wp/#', []],
  ['#', []],
  ['+', []],
  ['+/#', []],
  ['/#', []],
  ['$share/group/wp/1/#', []],
  ['$share/group/#', []],
  ['$SYS/#', ['svc.fleet (granted)', 'user. admin', 'user. supervisor']],
  ['$SYS/a/new/clients', ['svc.fleet (granted)', 'user. admin', 'user. supervisor']],
  ['$SYS', ['svc.fleet (granted)', 'user. admin', 'user. supervisor']],
  ['$other/#', []],
  [`${VDA}/order`, ['vehicle', 'svc.fleet (granted)']],
  [`${VDA}/responses`, ['vehicle', 'svc.fleet (granted)']],
  [`${VDA}/state`, ['svc.fleet (granted)']],
  [`${VDA}/#`, ['svc.fleet (granted)']],
  ['uagv/+/+/+/order', ['svc.fleet (granted)']],
  ['uagv/v2/watchpost/north.robot-2/order', ['svc.fleet (granted)']],
  ['uagv/#', ['svc.fleet (granted)']],
];

t.test('who may subscribe to what is this table, with open allowed everything but $SYS', (t) => {
  for (const [filter, allowed] of SUBSCRIBE) {
    for (const who of Object.keys(WHO)) {
      const may = who === 'open' ? !filter.startsWith('$SYS') : allowed.includes(who);
      t.equal(subscribe(who, filter) === null, may, `${who} subscribes to ${filter}`);
    }
  }
  t.end();
});

t.test('topics and filters that are none are refused to everybody', (t) => {
  const topics = [
    '',
    '#',
    '+',
    `${OWN}/up/#`,
    `${OWN}/up/+`,
    `${OWN}/up/al\0arm`,
    '$SYS/uptime',
    '$SYS',
    `${OWN}/up/${'x'.repeat(65_535)}`,
  ];
  const filters = [
    '',
    'wp/1/#/up',
    'wp/1/a#',
    'wp/1/a+/up',
    `${OWN}/down/\0`,
    `${OWN}/down/${'x'.repeat(65_535)}`,
  ];
  for (const who of Object.keys(WHO)) {
    for (const topic of topics) t.equal(publish(who, topic), 'WP1011', `${who} ${topic.slice(0, 40)}`);
    for (const filter of filters) t.equal(subscribe(who, filter), 'WP1012', `${who} ${filter.slice(0, 40)}`);
  }
  t.end();
});

t.test('the code tells a foreign name from a topic that nobody may use', (t) => {
  t.equal(publish('device', 'wp/1/north/pillar-1/up/alarm'), 'WP1010');
  t.equal(publish('device', `${OWN}/up/alarm`, true), 'WP1011');
  t.equal(publish('svc.fleet (granted)', `${OWN}/up/alarm`), 'WP1010');
  t.equal(publish('vehicle', `${OWN}/up/alarm`), 'WP1010', 'the alarm path is the first connection’s');
  t.equal(publish('device', `${OWN}/down/receipt`), 'WP1011');
  t.end();
});

t.test('no grant of the configuration reaches into the wire', (t) => {
  for (const filter of ['wp/#', 'wp', 'wp/1/+/+/down/receipt', '#', '+/1/#', '$SYS/x', 'a/#/b', '']) {
    t.notOk(ServiceGrant.safeParse({ name: 'fleet', publish: [filter] }).success, filter);
    t.notOk(ServiceGrant.safeParse({ name: 'fleet', retain: [filter] }).success, filter);
  }
  t.ok(ServiceGrant.safeParse({ name: 'fleet', publish: ['uagv/+/+/+/order', 'wpx/a'] }).success);
  t.end();
});

const LEVELS = ['wp', '1', 'north', 'robot-1', 'up', 'down', 'state', '', '$SYS', 'a'];
const pickFrom = <T>(list: readonly T[], next: (below: number) => number): T | undefined =>
  list[next(list.length)];
const made = (levels: readonly string[], next: (below: number) => number): string =>
  Array.from({ length: 1 + next(6) }, () => pickFrom(levels, next) ?? '').join('/');

t.test('what a filter that was granted matches, the grant matches, whatever the levels (seeded)', (t) => {
  const next = seeded(20_261_122);
  let granted = 0;
  for (let round = 0; round < 60_000; round += 1) {
    const grant = made([...LEVELS, '+', '+', '#'], next);
    const filter = made([...LEVELS, '+', '+', '#'], next);
    const topic = made(LEVELS, next);
    if (!isTopicFilter(grant) || !isTopicFilter(filter)) continue;
    if (!covers(grant, filter)) continue;
    granted += 1;
    if (filterMatches(filter, topic) && !filterMatches(grant, topic)) t.fail(`${grant} ${filter} ${topic}`);
  }
  t.ok(granted > 500, `${granted} granted`);
  t.end();
});

t.test('no device says anything in another’s name, whatever it makes up (seeded)', (t) => {
  const next = seeded(5050);
  const levels = [
    ...LEVELS,
    'pillar-1',
    'robot-10',
    'south',
    '..',
    '.',
    'receipt',
    'alarm',
    'north.robot-1',
    'uagv',
    'v2',
    'watchpost',
    'connection',
  ];
  for (let round = 0; round < 60_000; round += 1) {
    const start = pickFrom([OWN, 'wp/1', 'wp/1/north', VDA, 'uagv/v2', ''], next) ?? '';
    const topic = `${start}/${made(levels, next)}`;
    const retain = next(2) === 1;
    for (const who of ['device', 'vehicle']) {
      if (publish(who, topic, retain) !== null) continue;
      const own = who === 'device' ? `${OWN}/up/` : `${VDA}/`;
      if (!topic.startsWith(own)) t.fail(`${who} ${topic}`);
      const parsed = parseTopic(topic);
      if (parsed !== null && (parsed.direction !== 'up' || parsed.device !== 'robot-1'))
        t.fail(`${who} ${topic}`);
      if (retain && !/\/(up\/state|connection|factsheet)$/.test(topic)) t.fail(`${who} retains ${topic}`);
    }
  }
  t.pass('60,000 topics');
  t.end();
});

/** Names as the page writes them. */
const general = (filter: string): string =>
  filter
    .replace('/north/robot-1/', '/{site}/{device}/')
    .replace(
      /^uagv\/v[23]\/watchpost\/north\.robot-1\//,
      '{interface}/{version}/{manufacturer}/{site}.{device}/',
    );

t.test('docs/identity.md says for each identity exactly what it is granted', (t) => {
  const page = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8');
  for (const [who, identity] of Object.entries(WHO)) {
    if (who === 'open') continue;
    const { publish: plain, retain, subscribe: heard } = access.grants(identity);
    const cell = (filters: readonly string[]) =>
      filters.length === 0
        ? '—'
        : [...new Set(filters.map(general))].map((filter) => `\`${filter}\``).join(' · ');
    const row = `| ${who} | ${cell(plain)} | ${cell(retain)} | ${cell(heard)} |`;
    t.ok(page.includes(row), row);
  }
  t.end();
});
