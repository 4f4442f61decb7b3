import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { WorkerDetector } from '#agent/drivers/inference/worker-detector.ts';
import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import type { WatchpostError } from '#contract/errors.ts';
import { ssdNetwork } from '#scripts/models/sample-networks.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { BACKENDS, greyPicture, sampleModel } from './sample-models.ts';

const SSD = { layout: { family: 'ssd', boxes: 'boxes', classes: 'classes', scores: 'scores' } };
const PICTURE = greyPicture(64, 64, [{ x: 0, y: 0, w: 8, h: 8, level: 255 }]);
const WORKERS = new URL('./workers/', import.meta.url);

class Bench {
  readonly clock = new ManualClock();
  readonly troubles: WatchpostError[] = [];
  readonly detector: WorkerDetector;
  readonly #events = new EventTarget();
  starts = 0;

  constructor(t: Test, config: ModelConfig, worker?: string) {
    this.detector = new WorkerDetector({
      config,
      clock: this.clock,
      onReady: () => {
        this.starts++;
        this.#events.dispatchEvent(new Event('ready'));
      },
      onTrouble: (error) => {
        this.troubles.push(error);
        this.#events.dispatchEvent(new Event('trouble'));
      },
      ...(worker === undefined ? {} : { workerFile: new URL(worker, WORKERS) }),
    });
    t.teardown(() => this.detector.close());
  }

  async readyAfter(what: () => void): Promise<void> {
    await this.#after('ready', what);
  }

  async troubleAfter(what: () => void): Promise<void> {
    await this.#after('trouble', what);
  }

  async #after(type: string, what: () => void): Promise<void> {
    const heard = once(this.#events, type);
    what();
    await heard;
  }
}

/** Only WebAssembly may be interrupted while it runs, so what hangs passes for that. */
const bench = (t: Test, worker?: string): Bench =>
  new Bench(t, sampleModel(worker === undefined ? 'onnx' : 'tfjs', t.testdir(), ssdNetwork(), SSD), worker);

/** Asks until the worker is free. */
async function answered({ detector }: Bench): Promise<readonly Sight[]> {
  for (;;) {
    try {
      return await detector.look(PICTURE);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** A worker's end is heard of through its restart timer. */
async function restartTimer({ clock }: Bench): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
}

for (const backend of BACKENDS) {
  t.test(`${backend}: a look in the worker comes back with what the model saw`, async (t) => {
    const there = new Bench(t, sampleModel(backend, t.testdir(), ssdNetwork(), SSD));
    await there.readyAfter(() => there.detector.start());
    t.match(await there.detector.look(PICTURE), [{ label: 'person', box: [0, 0, 0.125, 0.125] }]);
    t.equal(PICTURE.data.length, 64 * 64, 'the picture that was given is not taken away');
    await there.detector.close();
    await there.detector.close();
    t.equal(there.clock.pending, 0, 'no timer is left behind');
    t.same(there.troubles, []);
  });

  t.test(
    `${backend}: without its package every look is refused with one code, and nothing is tried again`,
    async (t) => {
      const there = new Bench(t, sampleModel(backend, t.testdir(), ssdNetwork(), SSD), 'without-packages.ts');
      await there.troubleAfter(() => there.detector.start());
      await t.rejects(there.detector.look(PICTURE), { code: 'WP2450' });
      await t.rejects(there.detector.look(PICTURE), { code: 'WP2450' });
      t.match(there.troubles, [{ code: 'WP2450', detail: /onnxruntime-node|tensorflow/ }]);
      t.equal(there.troubles.length, 1);
      await there.detector.close();
      t.equal(there.clock.pending, 0);
    },
  );
}

t.test('one look at a time: a second one is refused, and so is one before the model is loaded', async (t) => {
  const there = bench(t);
  const { detector } = there;
  await there.readyAfter(() => {
    detector.start();
    t.rejects(detector.look(PICTURE), { code: 'WP2457', detail: /loaded/ });
  });
  const first = detector.look(PICTURE);
  await t.rejects(detector.look(PICTURE), { code: 'WP2457', detail: /still looking/ });
  t.equal((await first).length, 1);
  t.equal((await detector.look(PICTURE)).length, 1);
});

t.test(
  'a look that takes too long is given up; native code is waited for, with nothing beside it',
  async (t) => {
    const config = sampleModel('onnx', t.testdir(), ssdNetwork(), SSD);
    const there = new Bench(t, config, 'held.ts');
    await there.readyAfter(() => there.detector.start());
    const refused = t.rejects(there.detector.look(PICTURE), { code: 'WP2455', detail: /2000 ms/ });
    await there.clock.advance(2000);
    await refused;
    await there.clock.advance(600_000);
    await t.rejects(there.detector.look(PICTURE), { code: 'WP2455' }, 'for the same reason');
    writeFileSync(`${config.file}.release`, '');
    t.equal((await answered(there)).length, 1, 'it can be asked again as soon as it comes back');
    t.equal(there.starts, 1, 'and is the same');
    t.match(there.troubles, [{ code: 'WP2455' }]);
    t.equal(there.troubles.length, 1);
  },
);

t.test('closing lets native code come to an end', async (t) => {
  const config = sampleModel('onnx', t.testdir(), ssdNetwork(), SSD);
  const there = new Bench(t, config, 'held.ts');
  await there.readyAfter(() => there.detector.start());
  const look = t.rejects(there.detector.look(PICTURE), { code: 'WP2457', detail: /closed/ });
  const closed = there.detector.close();
  await look;
  writeFileSync(`${config.file}.release`, '');
  await closed;
  t.equal(there.clock.pending, 0);
});

t.test('closing while a model is loaded waits for that', async (t) => {
  const { detector, clock } = bench(t);
  detector.start();
  await detector.close();
  t.equal(clock.pending, 0);
});

t.test('a worker that hangs is ended and started again, later each time', async (t) => {
  const there = bench(t, 'hanging.ts');
  const { detector, clock } = there;
  await there.readyAfter(() => detector.start());
  for (const backoffMs of [1000, 2000]) {
    const look = t.rejects(detector.look(PICTURE), { code: 'WP2455' });
    await clock.advance(8000);
    await look;
    await restartTimer(there);
    await t.rejects(detector.look(PICTURE), { code: 'WP2455' }, 'it cannot be asked, for the same reason');
    await clock.advance(backoffMs - 1);
    t.equal(clock.pending, 1, `not before ${backoffMs} ms`);
    await there.readyAfter(() => void clock.advance(1));
  }
  t.equal(there.starts, 3);
  t.equal(there.troubles.length, 1, 'told once');
});

t.test(
  'while a look that was given up is still under way, the next ones fail for the same reason',
  async (t) => {
    const there = bench(t, 'hanging.ts');
    await there.readyAfter(() => there.detector.start());
    const look = t.rejects(there.detector.look(PICTURE), { code: 'WP2455' });
    await there.clock.advance(2000);
    await look;
    await t.rejects(there.detector.look(PICTURE), { code: 'WP2455' });
    await there.detector.close();
  },
);

t.test('a worker that dies fails the look it was asked for, and is started again', async (t) => {
  const there = bench(t, 'dying.ts');
  await there.readyAfter(() => there.detector.start());
  await t.rejects(there.detector.look(PICTURE), { code: 'WP2456', detail: 'out of bounds' });
  await restartTimer(there);
  await there.readyAfter(() => void there.clock.advance(1000));
  t.equal(there.starts, 2);
  await t.rejects(there.detector.look(PICTURE), { code: 'WP2456' });
});

t.test('a model that comes later is found by trying again', async (t) => {
  const config = sampleModel('onnx', t.testdir(), ssdNetwork(), SSD);
  const there = new Bench(t, { ...config, file: `${config.file}.later` });
  await there.troubleAfter(() => there.detector.start());
  t.match(there.troubles, [{ code: 'WP2451' }]);
  await restartTimer(there);
  renameSync(config.file, `${config.file}.later`);
  await there.readyAfter(() => void there.clock.advance(1000));
  t.equal((await there.detector.look(PICTURE)).length, 1);
});

t.test('closing refuses the look under way, and ends a worker that hangs', async (t) => {
  const there = bench(t, 'hanging.ts');
  await there.readyAfter(() => there.detector.start());
  const look = t.rejects(there.detector.look(PICTURE), { code: 'WP2457', detail: /closed/ });
  await there.detector.close();
  await look;
  t.equal(there.clock.pending, 0);
});
