import t from 'tap';
import { openOutputLine } from '#agent/drivers/gpio/character-line.ts';
import { GpioOutput, REOPEN_AFTER_MS } from '#agent/drivers/gpio/output.ts';
import { GpioSiren } from '#agent/drivers/gpio/siren.ts';
import { LAMP_RHYTHMS, LIT_FROM } from '#agent/ports/lamp-rhythm.ts';
import { LAMP_PATTERNS, type LampPattern } from '#agent/ports/outputs.ts';
import { RhythmLamp } from '#agent/ports/rhythm-lamp.ts';
import { lampConformance, sirenConformance } from '#test/conformance/driver/outputs.ts';
import { benchLine } from './bench-line.ts';

const LINE = 2;
const STEP_MS = 100;
const LOOKS = 60;

/** An output on line 2 of a chip that exists in memory alone. */
function benchOutput(activeLow = false) {
  const bench = benchLine(t.testdir());
  const { addon, clock, chip, folder, path } = bench;
  const told: string[] = [];
  const output = new GpioOutput({
    name: 'lamp',
    clock,
    open: async () => openOutputLine(addon, { chip, line: LINE, activeLow }, folder),
    onHealth: (part, { state, code }) => told.push([part, state, code].filter(Boolean).join(' ')),
  });
  const isOn = () => addon.driven.size > 0 && addon.isHigh(path, LINE) !== activeLow;
  return { ...bench, output, told, isOn };
}

/** On and off as a pattern should look, from its first step, at each look. */
function looks(pattern: LampPattern): string {
  const steps = LAMP_RHYTHMS[pattern];
  const lengthMs = steps.reduce((sum, { forMs }) => sum + forMs, 0);
  return Array.from({ length: LOOKS }, (_, i) => {
    let leftMs = Number.isFinite(lengthMs) ? (i * STEP_MS) % lengthMs : 0;
    const step = steps.find(({ forMs }) => {
      leftMs -= forMs;
      return leftMs < 0;
    });
    return (step?.level ?? 0) >= LIT_FROM ? '#' : '.';
  }).join('');
}

for (const activeLow of [false, true]) {
  lampConformance(`gpio (activeLow ${activeLow})`, async () => {
    const { output, clock, addon, time, isOn } = benchOutput(activeLow);
    return {
      lamp: new RhythmLamp({ output, clock }),
      seen: async () => {
        if (addon.driven.size === 0) return null;
        let seen = '';
        for (let i = 0; i < LOOKS; i++) {
          seen += isOn() ? '#' : '.';
          await time.advance(STEP_MS);
        }
        return LAMP_PATTERNS.find((pattern) => looks(pattern) === seen) ?? null;
      },
    };
  });
}

sirenConformance('gpio', async () => {
  const { output, isOn } = benchOutput();
  return { siren: new GpioSiren({ output }), heard: isOn };
});

t.test('an output whose chip goes is told, and shows what it should when it is back', async (t) => {
  const { output, addon, path, plug, time, told, isOn } = benchOutput();
  await output.start();
  addon.unplug(path);
  output.set(1);
  t.strictSame(told, ['lamp failed WP2347']);
  await time.advance(REOPEN_AFTER_MS);
  t.strictSame(told, ['lamp failed WP2347'], 'told once');
  plug();
  await time.advance(REOPEN_AFTER_MS);
  t.strictSame(told, ['lamp failed WP2347', 'lamp ok']);
  t.ok(isOn());
  await output.close();
  t.equal(time.pending, 0);
});

t.test('an output that cannot be had at the start is looked for', async (t) => {
  const { output, addon, path, time, told, isOn } = benchOutput();
  addon.take(path, LINE, 'sysfs');
  await t.rejects(output.start(), { code: 'WP2344', detail: /held by sysfs/ });
  output.set(1);
  addon.leave(path, LINE);
  await time.advance(REOPEN_AFTER_MS);
  t.strictSame(told, ['lamp ok']);
  t.ok(isOn());
  await output.close();
  t.notOk(addon.isHigh(path, LINE), 'dark after its end');
});
