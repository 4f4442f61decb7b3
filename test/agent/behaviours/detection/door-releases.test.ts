import t from 'tap';
import { DoorReleases } from '#agent/behaviours/detection/door-releases.ts';
import type { BypassGate } from '#agent/ports/bypass.ts';
import type { ContactInput, ContactListener } from '#agent/ports/inputs.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeMemory } from '../fakes.ts';
import { Recorder, silent } from './fixture.ts';

class Lock implements ContactInput {
  readonly name = 'lock';
  readonly kind = 'door';
  fails = false;
  closed = 0;
  listener: ContactListener | null = null;

  async start(listener: ContactListener): Promise<boolean> {
    if (this.fails) throw new RangeError('no such line');
    this.listener = listener;
    return false;
  }

  async close(): Promise<void> {
    this.closed++;
  }

  edge(active: boolean): void {
    this.listener?.edge({ active, atMonoMs: 0, edges: 1 });
  }
}

function releasesOf(lock: Lock, memory = new FakeMemory(), gate?: BypassGate) {
  const released: string[] = [];
  const recorder = new Recorder();
  const clock = new ManualClock();
  const onRelease = (input: string) => released.push(input);
  const doors = new DoorReleases({
    inputs: [lock],
    onRelease,
    ...(gate === undefined ? {} : { gate }),
    recorder,
    memory,
    clock,
    log: silent,
  });
  return { doors, released, recorder, clock };
}

t.test('a contact that closes releases the door, one that opens does not', async (t) => {
  const lock = new Lock();
  const { doors, released, recorder } = releasesOf(lock);
  await doors.start();
  lock.edge(true);
  lock.edge(false);
  lock.edge(true);
  t.same(released, ['lock', 'lock']);
  t.same(recorder.events, [], 'it is no alarm');
  await doors.close();
  await doors.close();
  lock.edge(true);
  t.equal(released.length, 2);
  t.equal(lock.closed, 1);
});

t.test('a contact that is bypassed is told as such, unless it cannot be read anyway', async (t) => {
  const lock = new Lock();
  let bypassed = false;
  const listeners = new Set<(input: string, change: 'bypassed' | 'restored') => void>();
  const turn = () => {
    bypassed = !bypassed;
    for (const listener of listeners) listener('lock', bypassed ? 'bypassed' : 'restored');
  };
  const { doors, recorder } = releasesOf(lock, new FakeMemory(), {
    isBypassed: () => bypassed,
    suppress: () => undefined,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
  await doors.start();
  turn();
  turn();
  t.same(recorder.health('input:lock'), ['degraded', 'ok']);
  lock.listener?.lost(new WatchpostError('WP2323'));
  turn();
  lock.listener?.back(false);
  t.same(recorder.health('input:lock'), ['degraded', 'ok', 'failed', 'degraded']);
  await doors.close();
  t.equal(listeners.size, 0);
});

t.test('a contact that cannot be read is told once and tried again', async (t) => {
  const lock = new Lock();
  lock.fails = true;
  const { doors, released, recorder, clock } = releasesOf(lock);
  await doors.start();
  await clock.advance(10_000);
  t.same(recorder.health('input:lock'), ['failed']);
  lock.fails = false;
  await clock.advance(10_000);
  t.same(recorder.health('input:lock'), ['failed', 'ok']);
  lock.edge(true);
  t.same(released, ['lock']);
  await doors.close();
  t.equal(clock.pending, 0);
});

t.test('a contact whose board is lost is told with why, and again when it is back', async (t) => {
  const lock = new Lock();
  const { doors, released, recorder } = releasesOf(lock);
  await doors.start();
  lock.listener?.lost(new WatchpostError('WP2302'));
  lock.listener?.lost(new WatchpostError('WP2302'));
  lock.listener?.back(true);
  t.same(recorder.health('input:lock'), ['failed', 'ok']);
  t.same(released, [], 'that it is closed now releases nothing');
  await doors.close();
});

t.test('that it was told over a restart is known: the end is told, nothing twice', async (t) => {
  const memory = new FakeMemory();
  const lock = new Lock();
  lock.fails = true;
  const before = releasesOf(lock, memory);
  await before.doors.start();
  await before.doors.close();
  const during = releasesOf(lock, memory);
  await during.doors.start();
  t.same(during.recorder.events, []);
  await during.doors.close();
  lock.fails = false;
  const after = releasesOf(lock, memory);
  await after.doors.start();
  t.same(after.recorder.health('input:lock'), ['ok']);
  await after.doors.close();
  const last = releasesOf(lock, memory);
  await last.doors.start();
  t.same(last.recorder.events, []);
  await last.doors.close();
});
