import t from 'tap';
import { ActuatorKeeper } from '#agent/behaviours/actuators/actuator-keeper.ts';
import type { Actuator, ActuatorListener } from '#agent/ports/actuators.ts';
import { WatchpostError } from '#contract/errors.ts';
import { silentLog } from '../fakes.ts';

/** Turns when it is there. */
class FakeActuator implements Actuator {
  readonly name = 'barrier';
  readonly turned: number[] = [];
  listener: ActuatorListener | null = null;
  trouble: WatchpostError | null = null;

  async start(listener: ActuatorListener): Promise<void> {
    this.listener = listener;
    if (this.trouble !== null) throw this.trouble;
    listener.back();
  }

  async turn(degrees: number): Promise<void> {
    if (this.trouble !== null) throw this.trouble;
    this.turned.push(degrees);
  }

  async close(): Promise<void> {
    this.listener = null;
  }

  fail(code: 'WP2323' | 'WP2325'): void {
    this.trouble = new WatchpostError(code);
    this.listener?.lost(this.trouble);
  }
}

function rig() {
  const actuator = new FakeActuator();
  const told: string[] = [];
  const keeper = new ActuatorKeeper({
    actuators: [{ actuator, config: { positions: { open: 90, closed: 0 }, rest: 'closed' } }],
    onHealth: (part, { state, code }) => told.push([part, state, code].filter(Boolean).join(' ')),
    onChange: () => told.push(JSON.stringify(keeper.describe())),
    log: silentLog,
  });
  return { actuator, keeper, told };
}

t.test('an order turns to the angle of the position, and where it was sent is told', async (t) => {
  const { actuator, keeper, told } = rig();
  t.strictSame(keeper.describe(), { barrier: null }, 'nobody knows before the start');
  await keeper.start();
  t.strictSame(await keeper.actuate({ name: 'barrier', position: 'open' }), {
    ...{ name: 'barrier', position: 'open' },
    degrees: 90,
  });
  await keeper.actuate({ name: 'barrier', position: 'open' });
  t.strictSame(actuator.turned, [90, 90], 'told again, it is turned again: somebody may have pushed it');
  t.strictSame(told, ['{"barrier":"closed"}', '{"barrier":"open"}']);
});

t.test('what the profile does not have is refused, with what it has', async (t) => {
  const { actuator, keeper } = rig();
  await keeper.start();
  await t.rejects(keeper.actuate({ name: 'gate', position: 'open' }), { code: 'WP2105', message: /gate/ });
  for (const position of ['ajar', 'constructor', '']) {
    await t.rejects(keeper.actuate({ name: 'barrier', position }), { code: 'WP2120', hint: /open, closed/ });
  }
  t.strictSame(actuator.turned, []);
});

t.test('lost, it refuses orders with the reason; back, it is at rest', async (t) => {
  const { actuator, keeper, told } = rig();
  await keeper.start();
  await keeper.actuate({ name: 'barrier', position: 'open' });
  told.splice(0);
  actuator.fail('WP2323');
  actuator.fail('WP2323');
  await t.rejects(keeper.actuate({ name: 'barrier', position: 'closed' }), { code: 'WP2323' });
  actuator.trouble = null;
  actuator.listener?.back();
  t.strictSame(told, [
    'actuator:barrier failed WP2323',
    '{"barrier":null}',
    'actuator:barrier ok',
    '{"barrier":"closed"}',
  ]);
  t.strictSame(actuator.turned, [90], 'the order that was refused is not carried out later');
});

t.test('one that can never be turned is told and keeps nothing else from starting', async (t) => {
  const { actuator, keeper, told } = rig();
  actuator.trouble = new WatchpostError('WP2325');
  await keeper.start();
  t.strictSame(told, ['actuator:barrier failed WP2325']);
  t.strictSame(keeper.describe(), { barrier: null });
  await keeper.close();
});
