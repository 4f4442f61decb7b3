import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import * as z from 'zod';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { DeviceItem } from '#contract/http.ts';
import { Child } from '#scripts/site/child.ts';
import { AGENT_ENV, nodeFlags, ROOT } from '#scripts/site/demo-site.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { until } from '#test/support/site.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { PASSPHRASE } from './support.ts';

const DEVICE = 'pillar-001';

/** Runs the command line; answers the JSON that it prints. */
function watchpost(...args: string[]): Record<string, unknown> {
  const options = { cwd: ROOT, input: `${PASSPHRASE}\n`, encoding: 'utf8', timeout: 60_000 } as const;
  return JSON.parse(execFileSync(process.execPath, ['scripts/cli.ts', ...args, '--json'], options));
}

/** A real agent on the card that was provisioned, laid out without a voice. */
async function startPillar(t: Test, card: string, broker: string): Promise<void> {
  const file = join(ROOT, 'test/fault/profiles/eight-buttons.yaml');
  const { profile } = resolveProfile({ file, device: DEVICE, drivers: DRIVER_SCHEMAS });
  writeFileSync(join(card, 'profile.json'), JSON.stringify(profile));
  const agent = new Child({
    ...{ name: DEVICE, logFile: join(card, 'agent.log'), env: AGENT_ENV },
    args: [
      ...[...nodeFlags('agent'), join(ROOT, 'agent/main.ts'), '--profile', '-', '--data', card],
      ...['--site', 'mall', '--device', DEVICE, '--broker', broker, '--identity', join(card, 'identity')],
    ],
  });
  t.teardown(() => agent.kill());
  await agent.start(() => undefined);
}

t.test(
  'from nothing to a pillar that is connected by its certificate, and is put out when it is revoked',
  async (t) => {
    const dir = temporaryFolder(t);
    const [site, card] = [join(dir, 'mall'), join(dir, 'card')];
    mkdirSync(card);
    const { supervisorToken } = watchpost(
      'site',
      'init',
      'mall',
      '--data',
      site,
      '--host',
      'localhost',
      '127.0.0.1',
    );
    const broker = await startBroker(t, join(site, 'broker'), [
      '--mqtts',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
    ]);
    const { labels } = watchpost(
      'provision',
      DEVICE,
      '--site',
      site,
      '--to',
      card,
      '--place',
      'North gate',
      '--floor',
      'G',
    );
    // None on a machine without any font.
    for (const file of z.array(z.string()).parse(labels)) t.ok(statSync(file).size > 1000, file);
    await startPillar(t, card, broker.mqtts);

    const device = async () => {
      const headers = { authorization: `Bearer ${String(supervisorToken)}` };
      const answer = await fetch(`${broker.http}/api/v1/devices/mall.${DEVICE}`, { headers });
      return answer.status === 404 ? null : DeviceItem.parse(await answer.json());
    };
    await until('the pillar is connected', async () => (await device())?.online === true);
    t.match(
      await device(),
      { site: 'mall', device: DEVICE },
      'as the supervisor sees it, by the first token',
    );

    t.match(watchpost('identity', 'revoke', DEVICE, '--site', site), { revoked: 1, listed: 1 });
    // Nobody tells the broker: it looks every ten seconds.
    await until('the pillar is out', async () => (await device())?.online === false);
    await until('it is refused when it comes again', async () => broker.log().includes('"code":"WP3306"'));
    t.equal(await broker.stop(), 0);
  },
);
