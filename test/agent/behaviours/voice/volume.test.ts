import t from 'tap';
import { volumeByHour } from '#agent/behaviours/voice/volume.ts';
import { VoiceSettings } from '#agent/ports/voice-settings.ts';
import type { ClockQuality } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const NIGHT = {
  timeZone: 'Asia/Shanghai',
  volume: [
    { from: '22:00', to: '06:00', db: -20 },
    { from: '06:00', to: '08:00', db: -3 },
  ],
};
const HOUR = 3_600_000;

function setUp(settings: object = NIGHT, wallMs = Date.UTC(2026, 0, 1, 12)) {
  const clock = new ManualClock(wallMs);
  let quality: ClockQuality = 'synced';
  const volumeDb = volumeByHour(VoiceSettings.parse(settings), {
    wallMs: () => clock.wallMs(),
    quality: () => quality,
  });
  return { clock, volumeDb, forgetTime: () => (quality = 'unset') };
}

t.test('guidance is as loud as its hour says, over midnight and through the day', async (t) => {
  const { clock, volumeDb } = setUp();
  const heard: number[] = [];
  for (let hour = 0; hour < 24; hour += 1) {
    heard.push(volumeDb('guidance'));
    await clock.advance(HOUR);
  }
  // The first is 20:00 in Shanghai.
  const expected = [0, 0, -20, -20, -20, -20, -20, -20, -20, -20, -3, -3, ...Array(12).fill(0)];
  t.strictSame(heard, expected);
});

t.test('an hour ends to the minute', async (t) => {
  const { clock, volumeDb } = setUp();
  await clock.advance(2 * HOUR - 1);
  t.equal(volumeDb('ambient'), 0);
  await clock.advance(1);
  t.equal(volumeDb('ambient'), -20);
});

t.test('what people in trouble hear is never quieter than the floor', async (t) => {
  const night = Date.UTC(2026, 0, 1, 16);
  const { volumeDb } = setUp(NIGHT, night);
  t.strictSame([volumeDb('talk-back'), volumeDb('alarm'), volumeDb('hazard')], [-6, -6, -6]);
  t.strictSame([volumeDb('guidance'), volumeDb('ambient')], [-20, -20]);
  t.equal(setUp({ ...NIGHT, alarmFloorDb: 0 }, night).volumeDb('alarm'), 0);
  t.equal(setUp(NIGHT, night + 7 * HOUR).volumeDb('alarm'), -3, 'a louder hour is left alone');
});

t.test('a clock that was never set knows no night', async (t) => {
  const { volumeDb, forgetTime } = setUp(NIGHT, Date.UTC(1970, 0, 1, 16));
  t.equal(volumeDb('guidance'), -20);
  forgetTime();
  t.equal(volumeDb('guidance'), 0);
});

t.test('summer time is followed: the same hour of the wall, an hour earlier by the sun', async (t) => {
  const berlin = { ...NIGHT, timeZone: 'Europe/Berlin' };
  t.equal(setUp(berlin, Date.UTC(2026, 0, 15, 20, 30)).volumeDb('guidance'), 0, '21:30 in winter');
  t.equal(setUp(berlin, Date.UTC(2026, 6, 15, 20, 30)).volumeDb('guidance'), -20, '22:30 in summer');
});

t.test('without hours everything is said in full', async (t) => {
  t.equal(setUp({ timeZone: 'UTC' }).volumeDb('ambient'), 0);
});
