import t from 'tap';
import { CHECK_EVERY_MS, REOPEN_AFTER_MS } from '#agent/drivers/gpio/contact.ts';
import type { ContactEdge, ContactListener } from '#agent/ports/inputs.ts';
import { contactConformance } from '#test/conformance/driver/contact.ts';
import { benchLine } from './bench-line.ts';

const LINE = 4;

for (const activeLow of [false, true]) {
  contactConformance(`gpio (activeLow ${activeLow})`, async () => {
    const { contact, addon, path, clock, time } = benchLine(t.testdir(), { activeLow });
    addon.slip(path, LINE, activeLow);
    return {
      contact,
      move: async (active) => {
        await time.advance(1);
        addon.move(path, LINE, active !== activeLow);
      },
      sinceBootMs: () => clock.sinceBootMs(),
      dispose: async () => {
        t.equal(time.pending, 0, 'no timer is left');
        t.equal(addon.watches.size, 0, 'no line is left');
      },
    };
  });
}

/** Writes down what a contact tells. */
class Heard implements ContactListener {
  readonly edges: ContactEdge[] = [];
  readonly told: string[] = [];

  edge(edge: ContactEdge): void {
    this.edges.push(edge);
    this.told.push(edge.active ? 'closed' : 'open');
  }

  lost(error: { code: string }): void {
    this.told.push(error.code);
  }

  back(active: boolean): void {
    this.told.push(`back ${active ? 'closed' : 'open'}`);
  }
}

/** Lets promises that wait for nothing else go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('what the profile says of a line reaches the kernel', async (t) => {
  const { contact, addon } = benchLine(t.testdir(), { activeLow: true, bias: 'up', debounceMs: 2.5 });
  await contact.start(new Heard());
  const [watch] = addon.watches.values();
  t.match(watch, { flags: 2 | 256, debounceUs: 2500, buffered: 1024 });
  await contact.close();
});

t.test('a pulse too short for the kernel to see is told as both its edges', async (t) => {
  const { contact, addon, path, time } = benchLine(t.testdir());
  const heard = new Heard();
  await contact.start(heard);
  await time.advance(3);
  addon.edge(path, LINE);
  t.strictSame(heard.told, ['closed', 'open']);
  t.strictSame(
    heard.edges.map(({ atMonoMs }) => atMonoMs),
    [3, 3],
  );
  await contact.close();
});

t.test('edges that did not fit the kernel’s buffer are counted into the next', async (t) => {
  const { contact, addon, path, time } = benchLine(t.testdir());
  const heard = new Heard();
  await contact.start(heard);
  await time.advance(1);
  addon.slip(path, LINE, true);
  addon.edge(path, LINE, 6);
  t.strictSame(heard.edges, [{ active: true, atMonoMs: 1, edges: 7 }]);
  await contact.close();
});

t.test('an edge from before the level was read is within that level', async (t) => {
  const { contact, addon, path } = benchLine(t.testdir());
  const heard = new Heard();
  addon.slip(path, LINE, true);
  t.equal(await contact.start(heard), true);
  addon.edge(path, LINE);
  t.strictSame(heard.told, []);
  await contact.close();
});

t.test(
  'a level without its edge is told at the second look, and a late edge is not told twice',
  async (t) => {
    const { contact, addon, path, time } = benchLine(t.testdir());
    const heard = new Heard();
    await contact.start(heard);
    addon.slip(path, LINE, true);
    await time.advance(CHECK_EVERY_MS);
    t.strictSame(heard.told, [], 'its edge may be on its way');
    await time.advance(CHECK_EVERY_MS);
    t.strictSame(heard.told, ['closed']);
    addon.edge(path, LINE);
    t.strictSame(heard.told, ['closed']);
    await contact.close();
  },
);

t.test('a chip that is unplugged without a word is told as lost, and as back when it is there', async (t) => {
  const { contact, addon, path, time, plug } = benchLine(t.testdir());
  const heard = new Heard();
  await contact.start(heard);
  addon.unplug(path);
  await time.advance(CHECK_EVERY_MS);
  t.strictSame(heard.told, ['WP2347']);
  t.equal(addon.watches.size, 0, 'the line is let go');
  await time.advance(REOPEN_AFTER_MS);
  await settled();
  t.strictSame(heard.told, ['WP2347'], 'it is not told again while it is away');
  plug();
  addon.slip(path, LINE, true);
  await time.advance(REOPEN_AFTER_MS);
  await settled();
  t.strictSame(heard.told, ['WP2347', 'back closed']);
  await time.advance(1);
  addon.move(path, LINE, false);
  t.strictSame(heard.told, ['WP2347', 'back closed', 'open']);
  await contact.close();
  t.equal(time.pending, 0);
});

t.test('an error of the line itself is a loss too, and closing ends the search for it', async (t) => {
  const { contact, addon, time } = benchLine(t.testdir());
  const heard = new Heard();
  await contact.start(heard);
  addon.fail('ENODEV');
  t.strictSame(heard.told, ['WP2347']);
  await contact.close();
  t.equal(time.pending, 0);
});

t.test('closed while it is being found again, it holds no line and tells nothing', async (t) => {
  const { contact, addon, time, gate } = benchLine(t.testdir());
  const heard = new Heard();
  await contact.start(heard);
  addon.fail('ENODEV');
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.opened = promise;
  await time.advance(REOPEN_AFTER_MS);
  await contact.close();
  resolve();
  await settled();
  t.strictSame(heard.told, ['WP2347']);
  t.equal(addon.watches.size, 0);
  t.equal(time.pending, 0);
});
