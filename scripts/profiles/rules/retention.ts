import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { SiteLaw } from '../site-file.ts';
import type { Finding, Rule } from './rule.ts';

interface Kept {
  readonly path: string;
  readonly days: number;
  readonly most: number | undefined;
  readonly least?: number | undefined;
}

/** What a device keeps for how many days, and what the site's law says of it. */
function kept({ retention, journal, camera }: DeviceProfile, law: SiteLaw): Kept[] {
  const { evidenceDays, clipDays } = retention;
  const pictures = { days: evidenceDays, most: law.evidenceDaysMax, least: law.evidenceDaysMin };
  const films = clipDays ?? evidenceDays;
  const filmsAt = clipDays === undefined ? 'retention.evidenceDays' : 'retention.clipDays';
  return [
    ...(camera === undefined ? [] : [{ path: 'retention.evidenceDays', ...pictures }]),
    ...(camera?.clip === undefined ? [] : [{ path: filmsAt, days: films, most: law.clipDaysMax }]),
    { path: 'journal.keepAlarmsDays', days: journal.keepAlarmsDays, most: law.alarmDaysMax },
  ];
}

function beyondLaw(profile: DeviceProfile, law: SiteLaw): Finding[] {
  const source = law.reference === undefined ? 'the law of the site file' : law.reference;
  return kept(profile, law).flatMap(({ path, days, most = days, least = days }) => {
    if (days <= most && days >= least) return [];
    const [word, bound] = days > most ? ['most', most] : ['least', least];
    return [{ path, message: `is ${days} days; at ${word} ${bound} by ${source}`, hint: `write ${bound}` }];
  });
}

export const RETENTION_RULES: readonly Rule[] = [
  {
    code: 'WP4048',
    severity: 'error',
    finds:
      'retention beyond the site’s law: pictures, films or alarms kept longer (or pictures shorter) than `law` of the site file says',
    checks: [
      { needs: ['retention', 'journal', 'camera'], find: ({ profile, law }) => beyondLaw(profile, law) },
    ],
  },
];
