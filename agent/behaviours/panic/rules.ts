import type { DeviceProfile } from '../../ports/profile.ts';
import type { PanicRules } from './state.ts';

/** The rules of a profile; what is not in profiles is the same on every device. */
export function panicRules(config: DeviceProfile['panic'], hasSiren: boolean): PanicRules {
  const sirenMaxMs = config.sirenMaxS * 1000;
  return {
    stuckAfterMs: config.stuckAfterS * 1000,
    pressSirenMs: config.siren && hasSiren ? sirenMaxMs : 0,
    sirenMaxMs,
    repeatEveryMs: config.repeatEveryS * 1000,
    chatterMs: 1_000,
    graceMs: 3_000,
    sentAfterMs: 1_000,
    closedForMs: 15_000,
    forgottenAfterMs: 24 * 3_600_000,
  };
}
