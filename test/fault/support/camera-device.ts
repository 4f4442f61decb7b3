import { writeSync } from 'node:fs';
import { VisionKeeper } from '#agent/behaviours/detection/vision-keeper.ts';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import { VisionConfig } from '#agent/ports/vision.ts';
import { systemClock } from '#contract/clock.ts';
import { fakeVision, silent } from '#test/agent/behaviours/detection/fixture.ts';
import { ADDRESS } from '#test/agent/core/support/device.ts';

/**
 * A device with a camera in a process of its own, to be killed: `camera-device.ts DIR SCRIPT`, where SCRIPT is what its
 * vision process does. Events and facts go to standard output as lines once the journal has them.
 */
const [dir = '', script = ''] = process.argv.slice(2);

const source = { wallMs: () => Date.now(), isSynced: () => true };
const clock = new SystemDeviceClock({ clock: systemClock, bootId: 'boot-1', source });
const sizes = { maxBytes: 4 * 1024 * 1024, ballastBytes: 65_536, keepAlarmsDays: 30 };
const journal = new Journal({ dir, address: ADDRESS, clock, log: silent, ...sizes });
journal.start();

const claim = (word: string, value: object): void => {
  writeSync(1, `${JSON.stringify({ word, ...value })}\n`);
};

const keeper = new VisionKeeper({
  config: VisionConfig.parse({
    ...{ camera: 'front', source: 'test://', evidenceDir: `${dir}/evidence` },
    watches: {
      crowd: [
        {
          name: 'exit',
          people: 25,
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      ],
    },
  }),
  place: () => ({ label: 'East hall' }),
  clock: systemClock,
  log: silent,
  recorder: {
    recordAlarm: (type, data) => journal.recordAlarm(type, data),
    recordSample: (sample) => journal.recordSample(sample),
    recordEvent: (type, data) => {
      const id = journal.recordEvent(type, data);
      claim('event', { type, data });
      return id;
    },
  },
  memory: {
    get: (key) => journal.memory.get(key),
    set: (key, value) => {
      journal.memory.set(key, value);
      claim('kept', { key });
    },
  },
  sendBlob: () => undefined,
  evidenceDays: 7,
  command: fakeVision(script),
});
keeper.start();
