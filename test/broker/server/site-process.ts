import { Registry } from 'prom-client';
import { createSite } from '#broker/server/site.ts';
import { systemClock } from '#contract/clock.ts';
import { silentLog } from '#test/support/site-database.ts';

/** A site in a process of its own, to be killed: `node site-process.ts DIR`; prints its port. */
const [dataDir = ''] = process.argv.slice(2);
const site = createSite({ dataDir, clock: systemClock, log: silentLog, registry: new Registry() });
site.open();
const nobody = { onEvent: () => undefined, onPoisonedAlarm: () => undefined };
const { mqtt } = await site.start({
  listener: nobody,
  judge: () => false,
  mqtt: { host: '127.0.0.1', port: 0 },
});
process.stdout.write(`${mqtt}\n`);
