import { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Place } from '#contract/event-data.ts';
import { type DeviceRole, Enrolment } from '#contract/http.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { askBroker } from '../care/site-client.ts';
import { lockFolder } from '../care/site-files.ts';
import type { LabelText } from '../label/label-layout.ts';
import { Register } from './register.ts';
import { withSiteDatabase } from './site-database.ts';
import { readSiteSettings, siteFile } from './site-files.ts';

export interface NewEnrolment {
  readonly siteDir: string;
  readonly device: string;
  readonly place: Place;
  readonly roles: readonly DeviceRole[];
  readonly clock: Clock;
}

/** As the broker calls whoever owns its folder. */
const BY = 'admin';

/**
 * Answers what stands on the device's label. Tells the broker what a device is and where it stands: over HTTP where it runs, else into its database. Rejects with
 * WP4409 where the device has no good certificate, WP4414 where the broker could not be told.
 */
export async function enrol({ siteDir, device, place, roles, clock }: NewEnrolment): Promise<LabelText> {
  const address = { site: readSiteSettings(siteDir).site, device };
  const { serial, toMs } = newestOf(siteDir, address, clock.wallMs());
  const expiresAt = new Date(toMs).toISOString();
  const enrolment = Enrolment.parse({ place, roles: [...new Set(roles)], serial, expiresAt });
  try {
    await tell(siteFile(siteDir, 'broker'), { address, enrolment, clock });
  } catch (cause) {
    throw new WatchpostError('WP4414', { detail: cause instanceof Error ? cause.message : '', cause });
  }
  return { address, place: place.label, roles: enrolment.roles, serial, expiresAt };
}

interface News {
  readonly address: DeviceAddress;
  readonly enrolment: Enrolment;
  readonly clock: Clock;
}

async function tell(dataDir: string, { address, enrolment, clock }: News): Promise<void> {
  const folder = lockFolder(dataDir);
  if (folder === null) {
    await askBroker(dataDir, { method: 'PUT', path: `enrolments/${clientIdOf(address)}`, body: enrolment });
    return;
  }
  try {
    await withSiteDatabase(dataDir, clock, (site) => new Enrolments(site).put(address, enrolment, BY));
  } finally {
    folder.close();
  }
}

function newestOf(siteDir: string, address: DeviceAddress, nowMs: number) {
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    const [newest] = register.goodOf(clientIdOf(address), nowMs);
    if (newest === undefined) throw new WatchpostError('WP4409', { detail: clientIdOf(address) });
    return newest;
  } finally {
    register.close();
  }
}
