import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import * as z from 'zod';
import { JsonLines } from '#agent/ports/json-lines.ts';

const DEVICE = fileURLToPath(new URL('./support/camera-device.ts', import.meta.url));
const CROWD = { kind: 'watch', watch: 'crowd', name: 'exit', t: 20, people: 31, limit: 25 };
const BAG = {
  ...{ kind: 'object', change: 'left', objectId: 'bag', t: 30, since: 20 },
  ...{ box: [0.1, 0.2, 0.3, 0.4], score: 0.9, reason: 'alone for 10.0 s' },
};
const BAD = [
  { kind: 'source', state: 'failed', code: 'WP2402' },
  { ...CROWD, state: 'began' },
  BAG,
  { kind: 'watching', objectIds: ['bag'] },
];
const GOOD = [
  { kind: 'source', state: 'degraded', code: 'WP2468' },
  { ...CROWD, state: 'ended' },
  { kind: 'watching', objectIds: [] },
];

const Claim = z.object({ word: z.string(), key: z.string().optional(), type: z.string().optional() });
type Claim = z.infer<typeof Claim>;

/** Runs a device until its claims fit, and kills it with -9; answers what it claimed. */
async function runUntil(t: Test, dir: string, says: readonly object[], fits: (claims: Claim[]) => boolean) {
  const script = `for (const report of ${JSON.stringify(says)}) say(report); orders(() => undefined)`;
  const device = spawn(process.execPath, [DEVICE, dir, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => device.kill('SIGKILL'));
  const claims: Claim[] = [];
  const lines = new JsonLines();
  for await (const chunk of device.stdout) {
    for (const line of lines.add(chunk)) if (line.ok) claims.push(Claim.parse(line.value));
    if (fits(claims)) break;
  }
  const ended = once(device, 'exit');
  device.kill('SIGKILL');
  await ended;
  return claims;
}

const hasKept = (claims: readonly Claim[]): boolean =>
  ['vision-health', 'camera-watches', 'told-objects'].every((key) =>
    claims.some((claim) => claim.key === key),
  );

const typesIn = (claims: readonly Claim[]): unknown[] => claims.flatMap(({ type }) => type ?? []).sort();

t.test('killed with -9, a device tells nothing twice, and the end of all that was open once', async (t) => {
  const dir = t.testdir();
  const first = await runUntil(t, dir, BAD, hasKept);
  t.same(typesIn(first), ['wp.crowd.exceeded.v1', 'wp.health.changed.v1', 'wp.object.left.v1']);
  const marked = [...BAD, { ...BAG, objectId: 'another' }];
  const second = await runUntil(t, dir, marked, (claims) => claims.some(({ word }) => word === 'kept'));
  t.same(typesIn(second), ['wp.object.left.v1'], 'of what was told before nothing is told again');
  const third = await runUntil(t, dir, GOOD, (claims) => typesIn(claims).length >= 3);
  t.same(typesIn(third).slice(0, 3), ['wp.crowd.eased.v1', 'wp.object.updated.v1', 'wp.object.updated.v1']);
});
