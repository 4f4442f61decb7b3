import t from 'tap';
import { MAX_BUNDLE_BYTES } from '#contract/bundle/layout.ts';
import type { Inbox } from '#scripts/flash/inbox/inbox.ts';
import { InboxTarget } from '#scripts/flash/inbox/inbox-target.ts';
import { openSource } from '#scripts/flash/source-bundle.ts';
import { folder, TestBundles } from './kit.ts';

t.test(
  'what is larger than a bundle under our name on a stick is not copied to this machine to be judged',
  async (t) => {
    const bundles = new TestBundles(folder(t));
    const source = await openSource(bundles.file('1.wpb', 1, 1000), null);
    const read: string[] = [];
    const inbox: Inbox = {
      what: 'a stick',
      freeBytes: async () => 1_000_000,
      sizeOf: async (name) => (name === 'WPA.WPB' ? MAX_BUNDLE_BYTES + 1 : null),
      read: async (name) => void read.push(name),
      write: async () => undefined,
      sync: async () => undefined,
      forget: async () => true,
      close: async () => undefined,
    };
    const target = new InboxTarget('stick', source, async () => inbox);
    await target.open();
    const { risks, steps } = await target.look();
    t.match(risks, [/WPA\.WPB \(damaged\) is no whole bundle/]);
    t.match(steps[0], /write WPB\.WPB/);
    t.same(read, []);
  },
);
