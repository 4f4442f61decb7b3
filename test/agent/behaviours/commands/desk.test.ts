import t from 'tap';
import { CommandDesk, type CommandHandlers } from '#agent/behaviours/commands/desk.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Command } from '#contract/messages.ts';
import { FakeLink, FakeMemory, ManualDeviceClock, silentLog } from '../fakes.ts';

/** A desk whose handlers note what they did. */
class Rig {
  readonly clock = new ManualDeviceClock();
  readonly link = new FakeLink();
  readonly done: string[] = [];
  readonly memory: FakeMemory;
  readonly desk: CommandDesk;

  constructor(handlers: Partial<CommandHandlers> = {}, memory = new FakeMemory()) {
    this.memory = memory;
    const note = (name: string) => () => {
      this.done.push(name);
      return undefined;
    };
    this.desk = new CommandDesk({
      handlers: {
        speak: ({ key }) => {
          this.done.push(`speak ${key}`);
          return { key };
        },
        siren: note('siren'),
        selftest: note('selftest'),
        snapshot: note('snapshot'),
        restart: note('restart'),
        'restart-vision': note('restart-vision'),
        'test-alarm': note('test-alarm'),
        'test-mode': note('test-mode'),
        'sound-test': note('sound-test'),
        bypass: note('bypass'),
        actuate: note('actuate'),
        talk: async () => ({}),
        'fetch-bundle': async () => ({}),
        install: async () => ({}),
        rollback: async () => ({}),
        'renew-identity': async () => ({}),
        'install-certificate': async () => ({}),
        ...handlers,
      },
      memory,
      link: this.link,
      clock: this.clock,
      log: silentLog,
    });
    this.desk.start();
  }

  async send(command: Partial<Command>): Promise<void> {
    this.link.command({ ...this.valid(), ...command });
    await this.clock.advance(0);
  }

  valid(): Command {
    const at = (ms: number) => new Date(this.clock.wallMs() + ms).toISOString();
    return { id: 'c1', name: 'speak', args: { key: 'alarm.sent' }, issuedAt: at(0), expiresAt: at(10_000) };
  }
}

t.test('a command is done once and answered', async (t) => {
  const rig = new Rig();
  await rig.send({});
  t.strictSame(rig.done, ['speak alarm.sent']);
  t.match(rig.link.replies, [{ id: 'c1', name: 'speak', ok: true, result: { key: 'alarm.sent' } }]);
});

t.test('a repeat gets the stored reply and does nothing', async (t) => {
  const rig = new Rig();
  await rig.send({});
  await rig.clock.advance(60_000);
  await rig.send({ ...rig.valid(), expiresAt: new Date(0).toISOString() });
  t.equal(rig.done.length, 1);
  t.equal(rig.link.replies.length, 2);
  t.strictSame(rig.link.replies[0], rig.link.replies[1]);
});

t.test('the outcome is remembered before it is sent, that it was begun before it begins', async (t) => {
  const order: string[] = [];
  const rig = new Rig({
    siren: () => {
      order.push(`during: ${rig.memory.writes.join(',')}`);
      return undefined;
    },
  });
  const reply = rig.link.reply.bind(rig.link);
  rig.link.reply = (answer) => {
    order.push(`sent: ${rig.memory.replyTo(answer.id)?.ok}`);
    reply(answer);
  };
  await rig.send({ name: 'siren', args: { on: true } });
  t.strictSame(order, ['during: commands.begun', 'sent: true']);
});

t.test('an expired command is refused, and stays refused', async (t) => {
  const rig = new Rig();
  await rig.send({ expiresAt: new Date(rig.clock.wallMs() - 1).toISOString() });
  t.match(rig.link.replies, [{ ok: false, code: 'WP2101' }]);
  await rig.send({});
  t.match(rig.link.replies.at(-1), { ok: false, code: 'WP2101' }, 'the same id later as well');
  t.strictSame(rig.done, []);
});

t.test('with an unset clock a command expires by the time since boot', async (t) => {
  const rig = new Rig();
  rig.clock.setQuality('unset');
  rig.clock.setWall(0);
  const { sinceBootMs, bootId } = { sinceBootMs: rig.clock.sinceBootMs(), bootId: 'boot-1' };
  await rig.send({ id: 'a' });
  await rig.send({ id: 'b', boot: bootId, notAfterMono: sinceBootMs + 10 });
  await rig.send({ id: 'c', boot: bootId, notAfterMono: sinceBootMs - 10 });
  await rig.send({ id: 'd', boot: 'another', notAfterMono: sinceBootMs + 10 });
  t.match(rig.link.replies, [
    { id: 'a', ok: false, code: 'WP2102' },
    { id: 'b', ok: true },
    { id: 'c', ok: false, code: 'WP2101' },
    { id: 'd', ok: false, code: 'WP2101' },
  ]);
});

t.test('a clock in holdover is good enough to judge by', async (t) => {
  const rig = new Rig();
  rig.clock.setQuality('holdover');
  await rig.send({});
  t.match(rig.link.replies, [{ ok: true }]);
});

t.test('an unknown name and arguments that do not fit are refused with what is wrong', async (t) => {
  const rig = new Rig();
  await rig.send({ id: 'a', name: 'open-door' });
  await rig.send({ id: 'b', name: 'siren', args: { on: 'yes' } });
  await rig.send({ id: 'c', name: 'selftest', args: { deep: true } });
  await rig.send({ id: 'd', name: 'constructor' });
  await rig.send({ id: 'e', name: 'test-mode', args: { inputs: ['button'], forS: 1801 } });
  t.match(rig.link.replies, [
    { id: 'a', code: 'WP2103', message: /open-door/ },
    { id: 'b', code: 'WP2104', message: /siren: on/ },
    { id: 'c', code: 'WP2104' },
    { id: 'd', code: 'WP2103' },
    { id: 'e', code: 'WP2104', message: /forS/ },
  ]);
  t.strictSame(rig.done, []);
});

t.test('a command that fails says why, one that hangs is given up', async (t) => {
  const signals: AbortSignal[] = [];
  const rig = new Rig({
    snapshot: () => {
      throw new WatchpostError('WP2105', { detail: 'no camera' });
    },
    selftest: () => {
      throw new TypeError('oops');
    },
    'restart-vision': (_args, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  await rig.send({ id: 'a', name: 'snapshot', args: {} });
  await rig.send({ id: 'b', name: 'selftest', args: {} });
  await rig.send({ id: 'c', name: 'restart-vision', args: {} });
  t.equal(rig.link.replies.length, 2);
  await rig.send({ id: 'c', name: 'restart-vision', args: {} });
  t.equal(signals.length, 1, 'a repeat of what is running is not begun again');
  await rig.clock.advance(30_000);
  t.match(rig.link.replies, [
    { id: 'a', ok: false, code: 'WP2105' },
    { id: 'b', ok: false, code: 'WP2108', message: /oops/ },
    { id: 'c', ok: false, code: 'WP2106' },
  ]);
  t.equal(signals[0]?.aborted, true);
  t.equal(rig.clock.pending, 0);
});

t.test('too many at once are refused without being remembered', async (t) => {
  const rig = new Rig({ selftest: () => new Promise(() => undefined) });
  for (let count = 0; count < 9; count += 1) await rig.send({ id: `c${count}`, name: 'selftest', args: {} });
  t.match(rig.link.replies, [{ id: 'c8', ok: false, code: 'WP2109' }]);
  await rig.clock.advance(30_000);
  await rig.send({ id: 'c8' });
  t.match(rig.link.replies.at(-1), { id: 'c8', ok: true });
});

t.test('what a crash broke off is not begun again', async (t) => {
  const first = new Rig({ siren: () => new Promise(() => undefined) });
  await first.send({ name: 'siren', args: { on: true } });
  const later = new Rig({}, first.memory);
  t.match(later.link.replies, [{ id: 'c1', ok: false, code: 'WP2107' }]);
  await later.send({ name: 'siren', args: { on: true } });
  t.strictSame(later.done, []);
  t.match(later.link.replies.at(-1), { id: 'c1', ok: false, code: 'WP2107' });
  const third = new Rig({}, first.memory);
  t.equal(third.link.replies.length, 0, 'and it is told once');
});

t.test('close answers what is running as broken off, and listens no more', async (t) => {
  const rig = new Rig({ siren: () => new Promise(() => undefined) });
  await rig.send({ name: 'siren', args: { on: true } });
  await rig.desk.close();
  await rig.desk.close();
  t.match(rig.link.replies, [{ id: 'c1', ok: false, code: 'WP2107' }]);
  t.equal(rig.link.listeners, 0);
  t.equal(rig.clock.pending, 0);
});
