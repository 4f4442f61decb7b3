import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseWav, wavDurationMs } from '#contract/wav.ts';
import { availableLanguages, CATALOGUE_DIR } from '#scripts/voice/catalogue.ts';
import { CATALOGUE_KEYS } from '#scripts/voice/prompts.ts';
import { recorded } from '../voice/pack/recordings.ts';

const CLI = new URL(import.meta.resolve('#scripts/cli.ts')).pathname;
const skip = spawnSync('espeak-ng', ['--version']).status === 0 ? false : 'espeak-ng is not installed';

/** Runs `watchpost voice …` in a folder, out of reach of any sound server. */
function voice(cwd: string, ...args: string[]) {
  const env = { ...process.env, PULSE_SERVER: `unix:${cwd}/none`, PIPEWIRE_REMOTE: `${cwd}/none` };
  return spawnSync(process.execPath, [CLI, 'voice', ...args], { cwd, env, encoding: 'utf8' });
}

t.test('audit --json prints one line a language and exits 0 when nothing is missing', async (t) => {
  const { status, stdout } = voice(t.testdir(), 'audit', '--json');
  t.equal(status, 0);
  const rows: unknown[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const expected = (await availableLanguages()).map((language) => ({
    language,
    prompts: CATALOGUE_KEYS.length,
    missing: [],
  }));
  t.strictSame(rows, expected);
});

t.test('audit names what is missing and exits 1', async (t) => {
  const dir = t.testdir();
  const text = await readFile(join(CATALOGUE_DIR, 'ko.json'), 'utf8');
  await writeFile(join(dir, 'ko.json'), text.replace(/"sent": ".*?",/, ''));
  await cp(join(CATALOGUE_DIR, 'en.json'), join(dir, 'en.json'));
  const table = voice(dir, 'audit', '--catalogues', dir);
  t.equal(table.status, 1);
  t.match(table.stdout, /^language +prompts +missing\nen +25 of 25 +–\nko +24 of 25 +alarm\.sent\n$/);
  const json = voice(dir, 'audit', '--json', '--catalogues', dir);
  t.match(json.stdout, /{"language":"ko","prompts":24,"missing":\["alarm\.sent"\]}/);
});

t.test('a broken catalogue is told with its code, and exits 1', async (t) => {
  const dir = t.testdir({ 'en.json': '{}' });
  const { status, stderr } = voice(dir, 'audit', '--catalogues', dir);
  t.equal(status, 1);
  t.match(stderr, /WP2506.*en\.json/);
});

t.test('say without a sound device speaks into the WAV file that it names', { skip }, async (t) => {
  const dir = t.testdir();
  const { status, stdout, stderr } = voice(dir, 'say', 'robot.passing', '--language', 'zh-CN');
  t.equal(status, 0);
  t.match(stdout, /机器人经过/);
  t.match(stderr, /WP2504[\s\S]*spoken\.wav/);
  const wav = parseWav(await readFile(join(dir, 'spoken.wav')), 'spoken.wav');
  t.ok(wavDurationMs(wav) > 1000);
});

t.test(
  'pack prints what a folder of recordings has, says what is wrong with it, and installs it',
  async (t) => {
    const dir = t.testdir({
      pack: { ko: { 'alarm.sent.wav': recorded() } },
      bad: { ko: { 'alarm.snt.wav': recorded() } },
    });
    const checked = voice(dir, 'pack', 'pack', '--json');
    t.equal(checked.status, 0);
    t.match(JSON.parse(checked.stdout), { language: 'ko', prompts: 1, missing: ['alarm.pressed'] });
    const installed = voice(dir, 'pack', 'pack', '--install', 'device');
    t.match(installed.stdout, /^language +prompts +missing\nko +1 of 20 +alarm\.pressed, /);
    t.ok((await readFile(join(dir, 'device/voice-pack/ko/alarm.sent.wav'))).length > 0);
    const bad = voice(dir, 'pack', 'bad');
    t.equal(bad.status, 1);
    t.match(bad.stderr, /WP2542.*ko\/alarm\.snt\.wav[\s\S]*→/);
    t.match(voice(dir, 'pack', 'nowhere'), { status: 1, stderr: /WP2541/ });
  },
);

t.test('wrong use says what is right and exits 2', async (t) => {
  const dir = t.testdir();
  for (const [args, right] of [
    [['say', 'alarm.snt', '--language', 'en'], /alarm\.sent/],
    [['say', 'alarm.sent', '--language', 'tlh'], /en, .*zh-CN/],
    [['say', 'alarm.sent'], /--language/],
    [['say', 'alarm.sent', '--language', 'en', '--emergency-number', 'help'], /digits/],
    [['shout'], /--help/],
  ] as const) {
    const { status, stderr } = voice(dir, ...args);
    t.equal(status, 2, args.join(' '));
    t.match(stderr, right, args.join(' '));
  }
});
