import assert from 'node:assert';
import { createRequire } from 'node:module';
import t from 'tap';
import { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, memoryDatabase, silentLog } from '#test/support/site-database.ts';

type Tap = Pick<typeof t, 'test' | 'teardown'>;

/** What the official suite of aedes-persistence uses of the test context of `node:test`. */
interface SuiteContext {
  plan(count: number): void;
  diagnostic(text: string): void;
  assert: typeof assert;
}
type Suite = (options: {
  test: (title: string, body: (context: SuiteContext) => Promise<void>) => void;
  testAsync: true;
  persistence: () => Promise<MqttPersistence>;
}) => void;

const officialSuite: Suite = createRequire(import.meta.url)('aedes-persistence/abstract.js');

function run(t: Tap, open: (t: Tap) => SiteDatabase): void {
  officialSuite({
    testAsync: true,
    persistence: async () => new MqttPersistence(open(t), { clock: new ManualClock(), log: silentLog }),
    test: (title, body) => {
      t.test(title, async (t) => {
        let planned: number | null = null;
        let counted = 0;
        const counting = new Proxy(assert, {
          get: (target, name, receiver) => {
            counted += 1;
            return Reflect.get(target, name, receiver);
          },
        });
        await body({
          plan: (count) => {
            planned = count;
          },
          diagnostic: () => undefined,
          assert: counting,
        });
        if (planned !== null) t.equal(counted, planned, 'as many assertions as planned');
      });
    },
  });
}

t.test('the official suite passes in memory', async (t) => run(t, memoryDatabase));
t.test('the official suite passes on a file', async (t) => run(t, fileDatabase));
