import { BUILT_AT_MS } from '#agent/core/device-clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Authority, Validity } from './certificates.ts';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** How long each lives. A device's is renewed long before; the top outlives the hardware. */
export const LIFE_DAYS = { root: 7_300, issuing: 3_650, server: 730, device: 730, signer: 1_826 } as const;
/** When the next list is promised: nothing is refused when it is late, a warning is logged (docs/identity.md). */
const LIST_DAYS = 365;

/** Throws WP4405 when this machine's clock stands before this version was made. */
export function requireClock(nowMs: number): void {
  if (nowMs >= BUILT_AT_MS) return;
  throw new WatchpostError('WP4405', { detail: new Date(nowMs).toISOString() });
}

/** Of the site itself: from a day ago on, for devices whose clocks are behind. */
export const siteValidity = (nowMs: number, days: number): Validity => ({
  fromMs: nowMs - DAY_MS,
  toMs: nowMs + days * DAY_MS,
});

/**
 * What an authority signs for so many days: within its own life (RFC 5280 leaves it open; Node and OpenSSL refuse what
 * outlives its issuer only when that has ended). Throws WP4405 or WP4410.
 *
 * A server's begins with its authority: a device without a clock judges it at a time that is known to be past, and a
 * renewed one must not be later than that. A device's begins an hour ago, never before its authority.
 */
export function leafValidity(
  { certificate }: Authority,
  { kind, days, nowMs }: { kind: 'server' | 'device' | 'signer'; days: number; nowMs: number },
): Validity {
  requireClock(nowMs);
  const [beginsMs, endsMs] = [certificate.notBefore.getTime(), certificate.notAfter.getTime()];
  if (nowMs < beginsMs) {
    const detail = `${new Date(nowMs).toISOString()}, the authority begins ${new Date(beginsMs).toISOString()}`;
    throw new WatchpostError('WP4405', { detail });
  }
  const toMs = nowMs + days * DAY_MS;
  if (toMs > endsMs) {
    const [now, ends] = [nowMs, endsMs].map((ms) => new Date(ms).toISOString());
    throw new WatchpostError('WP4410', {
      detail: `on ${ends}; ${days} days were asked for, and it is ${now} here`,
    });
  }
  return { fromMs: kind === 'server' ? beginsMs : Math.max(beginsMs, nowMs - HOUR_MS), toMs };
}

export const listValidity = (nowMs: number): Validity => ({
  fromMs: nowMs,
  toMs: nowMs + LIST_DAYS * DAY_MS,
});
