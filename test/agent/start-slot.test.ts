import t from 'tap';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { CardSource } from '#agent/start-slot.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { contentOf, rootNumber } from './profile/slots/slot-kit.ts';

t.test(
  'a second bundle that no agent can read, before any was confirmed, is not what the device is left with',
  async (t) => {
    const dir = temporaryFolder(t);
    const store = new SlotStore(new FileDisk(dir));
    await store.make(rootNumber(1));
    for (const generation of [1, 2]) {
      await store.install(contentOf(generation));
      await store.tryOut();
      await store.start();
    }
    const source = new CardSource({ dir, installFirst: async () => undefined, log: silentLog });
    const { slots } = await source.find({ afterFault: false, boot: 'b', sinceBootMs: 0 });
    t.match(slots?.running, { generation: 1, state: 'trial', last: { generation: 2 } });
  },
);
