import { type AccessSettings, DEFAULT_ACCESS } from '#broker/auth/access-settings.ts';
import { ApiTokens } from '#broker/auth/api-tokens.ts';
import { LastUse } from '#broker/auth/last-use.ts';
import { LoginLimit } from '#broker/auth/login-limit.ts';
import { type ConfiguredPerson, People } from '#broker/auth/people.ts';
import type { Person } from '#broker/auth/roles.ts';
import { Sessions } from '#broker/auth/sessions.ts';
import { SignIn, type Verdict } from '#broker/auth/sign-in.ts';
import { AuditLog, listAudit } from '#broker/persistence/ledger/audit-log.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import type { Teardown } from './desk.ts';

export const ADMIN: Person = { name: 'admin', role: 'admin' };
export const SUPERVISOR: Person = { name: 'supervisor-1', role: 'supervisor' };
export const PASSWORD = 'seven quiet lanterns';

export interface AccessSetting {
  readonly db?: SiteDatabase;
  readonly clock?: ManualClock;
  readonly configured?: readonly ConfiguredPerson[];
  readonly settings?: Partial<AccessSettings>;
}

/** Everything that lets people in, over a real database; time is in the test's hands. */
export function accessSide(t: Teardown, setting: AccessSetting = {}) {
  const clock = setting.clock ?? new ManualClock();
  const db = setting.db ?? memoryDatabase(t, { clock });
  const settings = { ...DEFAULT_ACCESS, ...setting.settings };
  const changes = { count: 0 };
  const onChanged = () => {
    changes.count += 1;
  };
  const audit = new AuditLog(clock);
  const base = { db, clock, settings, onChanged, audit, log: silentLog };
  const lastUse = new LastUse(base);
  const people = new People({ ...base, configured: setting.configured ?? [] });
  const tokens = new ApiTokens({ ...base, people, lastUse });
  const sessions = new Sessions({ ...base, people, tokens, lastUse });
  const signIn = new SignIn({ ...base, people, tokens, limit: new LoginLimit(clock, settings) });
  const enter = (name: string, password = PASSWORD, address = '192.0.2.1'): Promise<Verdict> =>
    signIn.enter({ name, password }, { address, over: 'http' });
  const actions = () =>
    listAudit(db.sql, { before: 1e9, limit: 1000 })
      .map(({ action }) => action)
      .reverse();
  return { db, clock, audit, settings, changes, lastUse, people, tokens, sessions, signIn, enter, actions };
}
