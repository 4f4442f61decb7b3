import t, { type Test } from 'tap';
import type { ContactEdge, ContactInput, ContactListener } from '#agent/ports/inputs.ts';

/** One contact with something that can move it. */
export interface ContactRig {
  readonly contact: ContactInput;
  /** Moves the contact for real, and resolves when the driver must have seen it. */
  move(active: boolean): Promise<void>;
  sinceBootMs(): number;
  dispose(): Promise<void>;
}

const heardBy = (edge: ContactListener['edge']): ContactListener => ({
  edge,
  lost: (error) => t.fail(error.message),
  back: () => t.fail('back, though it was never lost'),
});

/** What every driver of a contact has to keep. */
export function contactConformance(driver: string, rig: () => Promise<ContactRig>): void {
  const check = (title: string, body: (test: Test, rig: ContactRig) => Promise<void>) =>
    t.test(`${driver}: ${title}`, async (t) => {
      const set = await rig();
      try {
        await body(t, set);
      } finally {
        await set.contact.close();
        await set.dispose();
      }
    });

  check('start answers the level found', async (t, { contact, move }) => {
    await move(true);
    t.equal(await contact.start(heardBy(() => undefined)), true);
    await contact.close();
    await move(false);
    t.equal(await contact.start(heardBy(() => undefined)), false);
  });

  check('each change is one edge, in order, dated since boot', async (t, { contact, move, sinceBootMs }) => {
    const edges: ContactEdge[] = [];
    const fromMs = sinceBootMs();
    await contact.start(heardBy((edge) => edges.push(edge)));
    await move(true);
    await move(false);
    await move(true);
    t.strictSame(
      edges.map(({ active }) => active),
      [true, false, true],
    );
    for (const { atMonoMs, edges: folded } of edges) {
      t.ok(atMonoMs >= fromMs && atMonoMs <= sinceBootMs(), 'within the time of the test');
      t.ok(Number.isInteger(folded) && folded >= 1);
    }
  });

  check('no edge is told before the start or after the end', async (t, { contact, move }) => {
    const edges: ContactEdge[] = [];
    await move(true);
    await contact.start(heardBy((edge) => edges.push(edge)));
    await contact.close();
    await move(false);
    t.strictSame(edges, []);
  });

  check('closing twice, or without a start, does no harm', async (t, { contact }) => {
    await t.resolves(contact.close());
    await contact.start(heardBy(() => undefined));
    await contact.close();
    await t.resolves(contact.close());
  });

  check('it can be started again, and tells edges once', async (t, { contact, move }) => {
    const edges: ContactEdge[] = [];
    await contact.start(heardBy((edge) => edges.push(edge)));
    await contact.close();
    await contact.start(heardBy((edge) => edges.push(edge)));
    await move(true);
    t.equal(edges.length, 1);
  });
}
