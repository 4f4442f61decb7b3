import t from 'tap';
import { standardChecks } from '#agent/behaviours/commands/checks.ts';
import { commandHandlers, type HandlerParts } from '#agent/behaviours/commands/handlers.ts';
import { FakeLink, FakeMemory, FakeRecorder, FakeVoice, ManualDeviceClock } from '../fakes.ts';

const CONTEXT = { commandId: 'c1', signal: new AbortController().signal };

function rig(parts: Partial<HandlerParts> = {}) {
  const moves: string[] = [];
  const voice = new FakeVoice();
  const recorder = new FakeRecorder();
  const clock = new ManualDeviceClock();
  const handlers = commandHandlers({
    panic: {
      siren: (order, forS) => moves.push(`siren ${order} ${forS}`),
      test: (inputs, forS) => moves.push(`test ${inputs.join('+')} ${forS}`),
    },
    hasPrompt: (key) => key.startsWith('guidance.'),
    inputs: ['button', 'tamper'],
    bypass: {
      bypass: ({ inputs, forS }, by) => {
        moves.push(`bypass ${inputs.join('+')} ${forS} by ${by}`);
        return { inputs, forS };
      },
    },
    actuators: { actuate: async (args) => ({ ...args, degrees: 90 }) },
    hasSiren: true,
    sirenMaxS: 60,
    vision: {
      camera: 'front',
      snapshot: async () => ({ blobId: 'b1' }),
      restart: () => {
        moves.push('restart');
      },
    },
    restart: () => moves.push('restart agent'),
    checks: [],
    soundTest: async () => ({ passed: true }),
    talk: async ({ blob }) => ({ blob }),
    fetchBundle: async () => ({ from: 0 }),
    slots: null,
    identity: null,
    testAlarm: () => 'test-1',
    ...{ voice, recorder, clock },
    ...parts,
  });
  return { handlers, moves, voice, recorder, clock };
}

t.test(
  'a restart lets the answer go out first, and is refused where nobody would start the agent again',
  async (t) => {
    const { handlers, moves, clock } = rig();
    handlers.restart({}, CONTEXT);
    t.strictSame(moves, []);
    await clock.advance(1_000);
    t.strictSame(moves, ['restart agent']);
    t.throws(() => rig({ restart: null }).handlers.restart({}, CONTEXT), { code: 'WP2615' });
  },
);

t.test('speak says a prompt of the catalogue as guidance, in the languages asked for', async (t) => {
  const { handlers, voice } = rig();
  handlers.speak({ key: 'guidance.howto', languages: ['ja'] }, CONTEXT);
  handlers.speak({ key: 'guidance.howto' }, CONTEXT);
  t.strictSame(voice.said, [
    { key: 'guidance.howto', priority: 'guidance', languages: ['ja'] },
    { key: 'guidance.howto', priority: 'guidance' },
  ]);
  t.throws(() => handlers.speak({ key: 'alarm.invented' }, CONTEXT), { code: 'WP2105' });
});

t.test('the siren is never ordered for longer than the profile allows', async (t) => {
  const { handlers, moves } = rig();
  t.match(await handlers.siren({ on: true, maxS: 600 }, CONTEXT), { forS: 60 });
  await handlers.siren({ on: true, maxS: 5 }, CONTEXT);
  await handlers.siren({ on: false }, CONTEXT);
  t.strictSame(moves, ['siren on 60', 'siren on 5', 'siren off 60']);
  t.throws(() => rig({ hasSiren: false }).handlers.siren({ on: true }, CONTEXT), { code: 'WP2105' });
});

t.test('a bypass says by whom it was ordered', async (t) => {
  const { handlers, moves } = rig();
  const args = { inputs: ['button'], forS: 60, reason: 'wiring' };
  t.match(await handlers.bypass(args, { ...CONTEXT, by: 'ops' }), { forS: 60 });
  t.strictSame(moves, ['bypass button 60 by ops']);
});

t.test('test mode is for inputs that exist', async (t) => {
  const { handlers, moves } = rig();
  t.match(await handlers['test-mode']({ inputs: ['button'], forS: 300 }, CONTEXT), { forS: 300 });
  t.throws(() => handlers['test-mode']({ inputs: ['bell'], forS: 300 }, CONTEXT), {
    code: 'WP2105',
    message: /bell/,
  });
  t.strictSame(moves, ['test button 300']);
});

t.test('snapshot and restart-vision need the camera they name', async (t) => {
  const { handlers, moves } = rig();
  t.strictSame(await handlers.snapshot({ camera: 'front' }, CONTEXT), { blobId: 'b1' });
  await handlers['restart-vision']({}, CONTEXT);
  t.strictSame(moves, ['restart']);
  t.throws(() => handlers.snapshot({ camera: 'rear' }, CONTEXT), { code: 'WP2105', hint: /front/ });
  t.throws(() => rig({ vision: null }).handlers.snapshot({}, CONTEXT), { code: 'WP2105' });
});

t.test(
  'a self-test runs every check, also after one that failed or hung, and records the outcome',
  async (t) => {
    const { handlers, recorder, clock } = rig({
      checks: [
        { name: 'good', run: () => 'fine' },
        {
          name: 'bad',
          run: () => {
            throw new TypeError('broken');
          },
        },
        { name: 'hung', run: () => new Promise(() => undefined) },
        { name: 'last', run: async () => undefined },
      ],
    });
    const result = handlers.selftest({}, CONTEXT);
    await clock.advance(5_000);
    t.match(await result, { passed: false });
    t.match(recorder.events, [
      {
        type: 'wp.selftest.finished.v1',
        data: {
          commandId: 'c1',
          passed: false,
          checks: [
            { name: 'good', passed: true, detail: 'fine' },
            { name: 'bad', passed: false, detail: 'broken' },
            { name: 'hung', passed: false, detail: /WP2106/ },
            { name: 'last', passed: true },
          ],
        },
      },
    ]);
    t.equal(clock.pending, 0);
  },
);

t.test('the standard checks find what is wrong', async (t) => {
  const clock = new ManualDeviceClock();
  const link = new FakeLink();
  const health: Record<string, 'ok' | 'failed'> = { disk: 'ok' };
  const checks = standardChecks({ memory: new FakeMemory(), link, clock, sensors: [], health: () => health });
  const { handlers } = rig({ checks, clock });
  t.match(await handlers.selftest({}, CONTEXT), { passed: true });
  link.state = 'waiting';
  clock.setQuality('unset');
  health.disk = 'failed';
  t.match(await handlers.selftest({}, CONTEXT), {
    passed: false,
    checks: [
      { name: 'store', passed: true },
      { name: 'link', passed: false, detail: /WP2200/ },
      { name: 'clock', passed: false, detail: /WP2605/ },
      { name: 'health', passed: false, detail: /disk/ },
    ],
  });
});

t.test('the sound is tested where there is a microphone, and refused where there is none', async (t) => {
  t.strictSame(await rig().handlers['sound-test']({}, CONTEXT), { passed: true });
  t.throws(() => rig({ soundTest: null }).handlers['sound-test']({}, CONTEXT), { code: 'WP2519' });
});

t.test('a device without slots refuses to install and to go back', async (t) => {
  const { handlers } = rig();
  const args = { blob: `bundle-${'a'.repeat(40)}`, sha256: 'a'.repeat(64) };
  t.throws(() => handlers.install(args, CONTEXT), { code: 'WP4220' });
  t.throws(() => handlers.rollback({}, CONTEXT), { code: 'WP4220' });
});
