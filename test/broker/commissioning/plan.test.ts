import t from 'tap';
import { planSteps } from '#broker/commissioning/plan.ts';
import { greatCircleM } from '#contract/great-circle.ts';
import type { DeviceState } from '#contract/messages.ts';

const ids = (parts: DeviceState['parts']) =>
  planSteps({
    ...{ site: 'mall', device: 'd', online: true, lastSeenAt: null, place: null },
    state: { online: true, boot: 1, conn: 1, ...(parts === undefined ? {} : { parts }) },
  }).map(({ id }) => id);

const ALWAYS_FIRST = ['identity', 'clock', 'selftest'];

t.test('a device is asked for what it has, each part of it', async (t) => {
  const all = ids({
    inputs: { left: 'button', right: 'button', pedal: 'duress', case: 'tamper', exit: 'door' },
    sensors: ['battery', 'heat'],
    actuators: { arm: ['open', 'closed'] },
    ...{ siren: true, microphone: true, languages: ['zh-CN', 'en'], camera: { name: 'front', zones: [] } },
  });
  t.strictSame(all, [
    ...ALWAYS_FIRST,
    ...['press:left', 'lamp', 'press:right', 'duress:pedal', 'tamper:case', 'door:exit', 'siren', 'sound'],
    ...['voice:zh-CN', 'voice:en', 'picture:front', 'sensor:battery', 'sensor:heat', 'actuator:arm'],
    ...['mains:battery', 'path', 'link', 'supervision', 'location'],
  ]);
});

t.test('what it has not, or an older one does not tell, is left out', async (t) => {
  const least = ids({ inputs: { exit: 'door' }, sensors: [], actuators: {}, siren: false, camera: null });
  t.strictSame(least, [...ALWAYS_FIRST, 'door:exit', 'path', 'supervision', 'location']);
  t.strictSame(ids(undefined), [...ALWAYS_FIRST, 'path', 'supervision', 'location']);
});

t.test('distances on the ground are those of the sphere', async (t) => {
  const home = { latitude: 31.2304, longitude: 121.4737 };
  t.equal(greatCircleM(home, home), 0);
  // A degree of latitude is π/180 of the radius: 111.195 km.
  t.equal(Math.round(greatCircleM(home, { ...home, latitude: 32.2304 })), 111_195);
  // A degree of longitude is shorter by the cosine of the latitude.
  const alongM = greatCircleM(home, { ...home, longitude: 121.4837 });
  t.ok(Math.abs(alongM - 1111.95 * Math.cos((31.2304 * Math.PI) / 180)) < 0.01, String(alongM));
});
