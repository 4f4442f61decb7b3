import { globSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { initialSensor, judgeReading } from '#agent/behaviours/sensors/rules.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { driverUses } from '#agent/profile/driver-uses.ts';
import { simulated } from '#scripts/profiles/simulated.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const files = globSync(join(ROOT, 'device-profiles/{pillars,robots,masts,doors}/*.yaml'));

t.test(
  'nothing of a simulated model needs hardware, and it stays a profile with the same behaviour',
  async (t) => {
    for (const file of files) {
      const { profile } = resolved(file, {});
      const twin = DeviceProfile.parse(JSON.parse(JSON.stringify(simulated(profile))));
      const drivers = new Set(driverUses(twin).map(({ config }) => config.driver));
      t.same([...drivers].sort(), ['auto', 'sim'], file);
      t.same(twin.panic, profile.panic);
      t.same(
        twin.inputs.map(({ name, kind }) => [name, kind]),
        profile.inputs.map(({ name, kind }) => [name, kind]),
      );
    }
  },
);

t.test('a simulated sensor is at rest within all its thresholds', async (t) => {
  for (const file of files) {
    const { profile } = resolved(file, {});
    for (const { name, with: choice, ...rules } of simulated(profile).sensors) {
      const { crossings } = judgeReading(rules, initialSensor(rules), Number(choice.value), 0);
      t.same(crossings, [], `${file} ${name} at ${choice.value}`);
    }
  }
});
