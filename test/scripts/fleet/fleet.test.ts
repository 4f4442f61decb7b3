import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { FLEET_CHAIN, writeFleetBundle } from '#test/support/fleet-bundles.ts';
import { MqttDevice } from '#test/support/mqtt-device.ts';
import { TestSite } from '#test/support/site.ts';

const CLI = join(import.meta.dirname, '../../../scripts/cli.ts');

/** Beside the devices of this process, which must answer meanwhile. */
function fleet(data: string, ...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const all = [CLI, 'fleet', ...args, '--data', data];
    execFile(process.execPath, all, { timeout: 120_000, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, text: stdout + stderr });
    });
  });
}

t.test('status, upload, roll-out and its end, as they are typed', async (t) => {
  const site = await TestSite.make(t);
  await site.startBroker();
  const data = join(site.dir, 'broker');
  writeFileSync(join(data, 'bundle-root.json'), JSON.stringify(FLEET_CHAIN));
  const files = ['p-1', 'p-2'].map((name) => writeFleetBundle(site.dir, `${SITE_ID}.${name}`));
  t.match(await fleet(data, 'status'), { code: 0, text: /no device is known/ });
  const connect = (device: string, trial: 'confirmed' | 'rejected') =>
    MqttDevice.connect(t, {
      ...{ address: { site: SITE_ID, device }, port: site.mqttPort, folder: join(site.dir, device), trial },
    });
  await connect('p-1', 'confirmed');
  await connect('p-2', 'rejected');
  t.match(await fleet(data, 'status'), {
    code: 0,
    text: /demo\.p-1 +online +0\.1\.0 +1 +- .*was given nothing by the site/,
  });
  const begun = await fleet(
    data,
    'rollout',
    'start',
    ...files,
    '--canary',
    'p-1',
    '--soak',
    '0',
    '--name',
    'autumn',
    '--follow',
  );
  t.match(begun, { code: 1, text: /roll-out 1 \(autumn\) running; stage 1 of 2/ });
  t.match(
    begun.text,
    /WP4601.*roll-out 1 \(autumn\) halted: 1 failed, the last demo\.p-2 with WP4216; stage 2 of 2, 1 of 2 have it/,
  );
  const status = await fleet(data, 'status');
  t.match(status.text, /demo\.p-1 +online +0\.1\.0 +7 +7 .*runs what it was given/);
  t.match(
    status.text,
    /demo\.p-2 +online +0\.1\.0 +1 +7 .*DRIFT: gave it up, the one before runs \(WP4216\)/,
  );
  t.match(status.text, /2 devices, 1 with drift/);
  t.match(await fleet(data, 'rollout', 'show', '1'), {
    code: 0,
    text: /2 +demo\.p-2 +7 +REJECTED +WP4216 on trial/,
  });
  t.match(await fleet(data, 'rollout', 'pause', '1'), { code: 1, text: /WP3713.*roll-out 1 is halted/ });
  t.match(await fleet(data, 'rollout', 'abort', '1', '--json'), { code: 0, text: /"state":"aborted"/ });
  t.match(await fleet(data, 'bundles'), { code: 0, text: /demo\.p-1 generation 7 / });
});

t.test('what is wrong is said with what would be right', async (t) => {
  const site = await TestSite.make(t);
  const missing = join(site.dir, 'nowhere');
  t.match(await fleet(missing, 'status'), { code: 1, text: /WP5006/ });
  t.match(await fleet(missing, 'upload', join(site.dir, 'none.wpb')), {
    code: 1,
    text: /WP4101.*cannot be opened/,
  });
  t.match(await fleet(missing, 'rollout', 'show', 'x'), { code: 2 });
  t.match(await fleet(missing, 'rollout', 'start', 'x', '--percent', '10,many'), {
    code: 2,
    text: /Use a number/,
  });
});
