import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { StepScript, Walk } from '../walk.ts';

const SelfTest = z.object({
  passed: z.boolean(),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string().optional() })),
});
type Check = z.infer<typeof SelfTest>['checks'][number];

/** What the device can look at by itself. */
export const selfTest: StepScript = async (walk) => {
  walk.say('working');
  const checks = await checksOf(walk);
  for (const { name, passed, detail = '' } of checks) {
    walk.fact(name, passed ? detail || 'ok' : `failed: ${detail}`);
  }
  const failed = checks.filter(({ passed }) => !passed).map(({ name }) => name);
  if (failed.length > 0) throw new WatchpostError('WP4514', { detail: `selftest: ${failed.join(', ')}` });
};

/** Read now, within the thresholds of the profile, and as the person finds it. */
export const sensor: StepScript = async (walk, name) => {
  walk.say('working');
  const { value, unit } = await readingOf(walk, name);
  const range = walk.device.state?.parts?.ranges?.[name];
  walk.measure(name, value, unit);
  const { min = null, max = null } = range ?? {};
  if ((min !== null && value < min) || (max !== null && value > max)) {
    const detail = `${value} ${unit}; ${min ?? '–∞'} … ${max ?? '∞'}`;
    throw new WatchpostError('WP4511', { detail });
  }
  await walk.confirm('sensor.right', { subject: name, value, unit });
};

/** Turns to each of its positions, in the order in which the profile has them, and the person sees it. */
export const actuator: StepScript = async (walk, name) => {
  const positions = walk.device.state?.parts?.actuators[name] ?? [];
  for (const position of positions) {
    await walk.order('actuate', { name, position });
    await walk.confirm('actuator.seen', { subject: name, position });
    walk.fact('position', position);
  }
};

/** Without mains the device goes on in the same run, and tells its supply; with mains, too. */
export const mains: StepScript = async (walk, supply) => {
  const before = runOf(walk);
  const min = walk.device.state?.parts?.ranges?.[supply]?.min ?? '';
  for (const state of ['off', 'on'] as const) {
    await walk.confirm(`mains.${state}`, { subject: supply, min });
    const { value, unit } = await readingOf(walk, supply);
    walk.measure(`${supply} ${state}`, value, unit);
    if (runOf(walk) !== before) throw new WatchpostError('WP4516', { detail: walk.address.device });
  }
};

const runOf = ({ device: { state } }: Walk): string => `${state?.bootId ?? ''} ${state?.boot ?? 0}`;

/** A reading taken now. Rejects with WP4514 where there is none. */
export async function readingOf(walk: Walk, name: string): Promise<{ value: number; unit: string }> {
  const check = (await checksOf(walk)).find((each) => each.name === `sensor:${name}`);
  if (check === undefined || !check.passed) {
    throw new WatchpostError('WP4514', { detail: `${name}: ${check?.detail ?? 'is not read'}` });
  }
  const [text = '', ...unit] = (check.detail ?? '').split(' ');
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) {
    throw new WatchpostError('WP4514', { detail: `${name}: ${check.detail ?? ''}` });
  }
  return { value, unit: unit.join(' ') };
}

async function checksOf(walk: Walk): Promise<readonly Check[]> {
  return SelfTest.parse((await walk.order('selftest')).result).checks;
}
