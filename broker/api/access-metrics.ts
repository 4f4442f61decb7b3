import { Counter, type Registry } from 'prom-client';
import type { Verdict } from '#broker/auth/sign-in.ts';

/** Counts attempts to sign in, over HTTP and over MQTT; answers what each is told to. */
export function accessMetrics(registry: Registry): (outcome: Verdict['kind']) => void {
  const signIns = new Counter({
    name: 'watchpost_sign_ins_total',
    help: 'Attempts to sign in: in, wrong, expired, or limited (not looked at after too many wrong ones).',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['in', 'wrong', 'expired', 'limited'] as const) signIns.inc({ outcome }, 0);
  return (outcome) => signIns.inc({ outcome });
}
