import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { VoiceSettings } from '#agent/ports/voice-settings.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { voiceProblems } from '#agent/profile/voice-problems.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';

const span = (from: string, to: string) => ({ from, to, db: -10 });

function problemsOf(volume: object[], timeZone = 'Asia/Shanghai') {
  return voiceProblems(VoiceSettings.parse({ timeZone, volume }));
}

t.test('hours that follow each other have no problems, nor has a profile without any', async (t) => {
  t.same(problemsOf([span('22:00', '06:00'), span('06:00', '12:00'), span('12:00', '22:00')]), []);
  t.same(voiceProblems(undefined), []);
});

t.test('hours that meet are WP2513, naming the entry and the first minute', async (t) => {
  for (const [other, minute] of [
    [span('21:00', '22:01'), '22:00'],
    [span('05:59', '07:00'), '05:59'],
    [span('23:00', '01:00'), '23:00'],
  ] as const) {
    const problems = problemsOf([span('22:00', '06:00'), other]);
    t.match(problems, [
      { code: 'WP2513', path: '.volume[1]', message: new RegExp(`volume.0. at ${minute}`) },
    ]);
  }
});

t.test('a time zone that is none is WP2514, an hour that ends when it begins WP2515', async (t) => {
  t.match(problemsOf([], 'Asia/Atlantis'), [{ code: 'WP2514', path: '.timeZone' }]);
  t.match(problemsOf([span('08:00', '08:00')]), [{ code: 'WP2515', path: '.volume[0].to' }]);
});

t.test('a profile is refused with the line, a time that is none by its shape', async (t) => {
  const file = join(t.testdir(), 'p.yaml');
  const lint = (voice: string) => {
    writeFileSync(file, `${TINY_PROFILE}voice:\n  timeZone: UTC\n  volume:\n${voice}`);
    return resolveProfile({ file, drivers: DRIVER_SCHEMAS }).profile;
  };
  const night = '    - { from: "22:00", to: "06:00", db: -20 }\n';
  t.match(lint(night).voice, { alarmFloorDb: -6, volume: [{ from: '22:00', db: -20 }] });
  t.throws(() => lint(`${night}    - { from: "05:00", to: "07:00", db: -3 }\n`), {
    code: 'WP2513',
    message: /p\.yaml:18 voice\.volume\[1\]/,
  });
  t.throws(() => lint('    - { from: "24:00", to: "06:00", db: -20 }\n'), {
    code: 'WP4003',
    message: /HH:MM/,
  });
  t.throws(() => lint('    - { from: "22:00", to: "06:00", db: 6 }\n'), { code: 'WP4003' });
});
