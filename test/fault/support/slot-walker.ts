import { installBundle } from '#agent/installer/install-bundle.ts';
import { CardSlots } from '#agent/profile/slots/card-slots.ts';

/**
 * `slot-walker.ts CARD SLOTS BUNDLE`: takes a device that has confirmed A over to B and back, as installer and agent do
 * it, and says so. For processes that are ended in the middle.
 */
const [card = '', slots = '', bundle = ''] = process.argv.slice(2);
const clock = { quality: 'synced', nowMs: Date.now() } as const;
await installBundle(card, bundle, { agent: null, clock, who: 'a walker' });
const started = { afterFault: false, boot: 'b', sinceBootMs: 0 };
const trial = await new CardSlots(slots).start(started);
await trial?.desk.confirm();
const confirmed = await new CardSlots(slots).start(started);
await confirmed?.desk.fallBack();
process.stdout.write('done\n');
