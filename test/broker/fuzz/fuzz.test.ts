import t from 'tap';
import { startSite } from '#test/broker/server/test-site.ts';
import { seeded } from '#test/support/random.ts';
import { campaign } from './campaign.ts';
import { Fuzzer } from './fuzzer.ts';
import { mutateJson, sketch } from './json-mutator.ts';

/** Seeds that once showed a fault, and would again. */
const KEPT: readonly number[] = [];
const ROUTINE_SEEDS = 80;

function* count(from: number, to: number): Generator<number> {
  for (let seed = from; seed < to; seed++) yield seed;
}

t.test('hostile streams and messages end their own connections, and leave nothing behind', async (t) => {
  const { site, port, registry, device } = await startSite(t);
  const fuzzer = new Fuzzer(port, 'd0');
  for (const seed of [...KEPT, ...count(1, ROUTINE_SEEDS)]) await fuzzer.round(seed);
  t.same(fuzzer.findings, []);
  const healthy = await device();
  await healthy.send(healthy.press());
  await healthy.receipt(({ upTo }) => upTo === 1);
  t.match(await registry.metrics(), /watchpost_mqtt_connections\{transport="tcp"\} 1\n/);
  t.notMatch(await registry.metrics(), /reason="WP3104"/);
  t.equal(site.store.sql.pragma('integrity_check', { simple: true }), 'ok');
});

t.test(
  'whatever is in a payload is taken, or filed with a code; nothing inherits what a message said',
  async (t) => {
    const { site, registry, device } = await startSite(t);
    const sending = await device({ site: 'fuzz', device: 'd0' });
    const dice = seeded(20_261_122);
    for (let seq = 1; seq <= 150; seq++) {
      const { topic, body } = sketch(dice, { site: 'fuzz', device: 'd0' }, seq);
      await sending.client.publishAsync(topic, mutateJson(dice, body), { qos: 1 });
    }
    t.ok(sending.client.connected, 'each was confirmed');
    t.ok(site.quarantine.list(1000).length > 50);
    t.ok(site.ledger.list({ limit: 1000 }).length > 4);
    t.equal(Reflect.get({}, 'polluted'), undefined);
    t.notMatch(await registry.metrics(), /reason="WP3104"|code="WP1013"/, 'none stumbled');
  },
);

t.test(
  'a broker process outlives what is thrown at it, and serves a healthy device all the while',
  async (t) => {
    const figures = await campaign(t, count(1_000_000, 2_000_000), 5_000, 4);
    t.same(figures.findings, []);
    t.same(figures.thrown, []);
    t.equal(figures.exitCode, 0);
    t.equal(figures.integrity, 'ok');
    t.equal(figures.inLedger, figures.receipted);
    t.ok(figures.rounds > 20, `${figures.rounds} rounds`);
    t.ok(figures.receipted > 2, `${figures.receipted} receipts`);
  },
);
