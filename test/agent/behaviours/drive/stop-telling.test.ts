import t from 'tap';
import { StopTelling } from '#agent/behaviours/drive/stop-telling.ts';
import type { LampPattern } from '#agent/ports/outputs.ts';
import type { VoiceRequest } from '#agent/ports/speaker.ts';
import { FakeRecorder, FakeVoice, ManualDeviceClock, silentLog } from '#test/agent/behaviours/fakes.ts';

function rig() {
  const clock = new ManualDeviceClock();
  const recorder = new FakeRecorder();
  const shown: LampPattern[] = [];
  const takenBack: string[] = [];
  const alarm: { lamp: LampPattern; isBroken: boolean } = { lamp: 'idle', isBroken: false };
  const voice = Object.assign(new FakeVoice(), {
    takeBack: ({ key }: VoiceRequest) => void takenBack.push(key),
  });
  const telling = new StopTelling({
    ...{ clock, recorder, voice, log: silentLog },
    lamp: {
      name: 'lamp',
      start: async () => undefined,
      show: (pattern) => {
        if (alarm.isBroken) throw new TypeError('broken');
        shown.push(pattern);
      },
      close: async () => undefined,
    },
    alarmLamp: () => alarm.lamp,
    place: () => ({ label: 'Hall' }),
  });
  return { clock, recorder, shown, takenBack, alarm, voice, telling };
}

t.test('a stop is shown, said once, and told once a cause; its end is told with all of them', async (t) => {
  const { telling, clock, recorder, shown, takenBack, voice } = rig();
  telling.changed({ began: ['bumper'], ended: [] }, ['bumper']);
  await clock.advance(1000);
  telling.changed({ began: ['tilted'], ended: [] }, ['bumper', 'tilted']);
  telling.changed({ began: [], ended: ['bumper'] }, ['tilted']);
  t.same(
    voice.said.map(({ key, priority }) => [key, priority]),
    [['robot.stopped', 'hazard']],
  );
  await clock.advance(1500);
  telling.changed({ began: [], ended: ['tilted'] }, []);
  t.same(
    recorder.events.map(({ type, data }) => [type, data]),
    [
      ['wp.robot.stopped.v1', { place: { label: 'Hall' }, cause: 'bumper' }],
      ['wp.robot.stopped.v1', { place: { label: 'Hall' }, cause: 'tilted' }],
      ['wp.robot.resumed.v1', { place: { label: 'Hall' }, causes: ['bumper', 'tilted'], heldMs: 2500 }],
    ],
  );
  t.equal(shown.at(-1), 'idle');
  t.equal(shown[0], 'stopped');
  t.same(takenBack, ['robot.stopped'], 'and what still waits to be said is taken back');
});

t.test('while its call is on, the lamp and the voice are the call’s', async (t) => {
  const { telling, shown, alarm, voice } = rig();
  alarm.lamp = 'sent';
  telling.changed({ began: ['own-press'], ended: [] }, ['own-press']);
  t.same(shown, []);
  t.same(voice.said, []);
  alarm.lamp = 'idle';
  telling.show();
  t.same(shown, ['stopped'], 'until the call gives it back');
  t.equal(telling.isShown, true);
  alarm.lamp = 'pressed';
  telling.show();
  t.equal(shown.at(-1), 'pressed');
  t.equal(telling.isShown, false);
});

t.test('a cause that joins its own press is said', async (t) => {
  const { telling, voice } = rig();
  telling.changed({ began: ['own-press'], ended: [] }, ['own-press']);
  telling.changed({ began: ['lifted'], ended: [] }, ['own-press', 'lifted']);
  t.equal(voice.said.length, 1);
});

t.test('a journal that throws keeps neither lamp nor voice from telling', async (t) => {
  const { telling, recorder, voice, shown } = rig();
  recorder.recordEvent = () => {
    throw new TypeError('broken');
  };
  telling.changed({ began: ['bumper'], ended: [] }, ['bumper']);
  t.equal(voice.said.length, 1);
  t.same(shown, ['stopped']);
});

t.test('a lamp that throws keeps nothing from being told', async (t) => {
  const { telling, alarm, recorder, voice } = rig();
  alarm.isBroken = true;
  telling.changed({ began: ['bumper'], ended: [] }, ['bumper']);
  t.equal(recorder.events.length, 1);
  t.equal(voice.said.length, 1);
});
