import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isAlarmInput } from '#agent/ports/inputs.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { simulated } from '#scripts/profiles/simulated.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { TestSite, until } from '#test/support/site.ts';

const LIBRARY = join(ROOT, 'device-profiles');
/** So many agents at once: each is a process, and the machine may have two cores. */
const AT_ONCE = 4;

interface Model {
  readonly device: string;
  readonly profile: DeviceProfile;
}

const models: Model[] = ['pillars', 'robots', 'masts', 'doors'].flatMap((folder) =>
  readdirSync(join(LIBRARY, folder)).map((file) => {
    const { profile } = resolved(join(LIBRARY, folder, file), {});
    return { device: profile.name, profile: simulated({ ...profile, place: { label: `the ${file}` } }) };
  }),
);

/** What `prepare` leaves in the folder of a device, but for the voice, which is rendered by tests of its own. */
function leave(site: TestSite, { device, profile }: Model): void {
  const folder = site.folder(device);
  mkdirSync(folder, { recursive: true });
  // Its pictures have tests of their own, and eleven vision processes would take the cores from the presses.
  const { camera: _camera, ...blind } = profile;
  writeFileSync(join(folder, 'profile.json'), JSON.stringify(blind));
}

t.test(
  'every model of the library starts with its hardware simulated, and each of its buttons brings help',
  async (t) => {
    t.ok(models.length >= 16, `${models.length} models`);
    const site = await TestSite.make(t);
    await site.startBroker();
    const left = [...models];
    const runOn = async () => {
      for (let model = left.shift(); model !== undefined; model = left.shift()) await pressed(site, model);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runOn));

    const incidents = await site.incidents('?limit=100');
    for (const { device, profile } of models) {
      t.test(`${device} (${profile.kind})`, async (t) => {
        const alarms = [
          ...(await site.events('wp.panic.pressed.v1', device)),
          ...(await site.events('wp.panic.repressed.v1', device)),
        ];
        const buttons = profile.inputs.filter(({ kind }) => kind === 'button').map(({ name }) => name);
        t.same(alarms.map(({ data }) => Object(data).input).sort(), [...buttons].sort(), 'one a button');
        t.match(alarms[0]?.data, { place: { label: /^the / } });
        t.ok(
          incidents.some((incident) => incident.device === device),
          'the site has an incident',
        );
        const others = profile.inputs.filter((input) => isAlarmInput(input) && input.kind !== 'button');
        for (const { name, kind } of others) {
          const type = kind === 'duress' ? 'wp.duress.signalled.v1' : 'wp.tamper.opened.v1';
          const told = (await site.events(type, device)).filter(({ data }) => Object(data).input === name);
          t.equal(told.length, 1, `${name} (${kind})`);
        }
      });
    }
  },
);

/** Starts it, works every input that raises an alarm, and ends it when the site has all of that. */
async function pressed(site: TestSite, model: Model): Promise<void> {
  const { device, profile } = model;
  leave(site, model);
  const agent = site.agent(device);
  await agent.start(() => undefined);
  for (const { name, kind } of profile.inputs.filter(isAlarmInput)) {
    const request = kind === 'tamper' ? 'tamper' : 'press';
    const answer = await site.sim({ request, name }, device);
    if (!answer.ok) throw new TypeError(`${device} ${name}: ${answer.message}`);
  }
  await until(`${device} has delivered`, async () => {
    const { panic, queues } = await site.state(device);
    return panic === 'received' && queues.alarm === 0;
  });
  await agent.stop();
}
