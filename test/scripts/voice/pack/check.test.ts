import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { WatchpostError } from '#contract/errors.ts';
import { loudnessOf } from '#scripts/voice/loudness.ts';
import { checkPack, type RecordedClip } from '#scripts/voice/pack/check.ts';
import { packFiles } from '#scripts/voice/pack/files.ts';
import { samplesOf, TARGET_LUFS } from '#scripts/voice/sound.ts';
import { seeded } from '#test/support/random.ts';
import { recorded, zipOf } from './recordings.ts';

async function check(source: string) {
  const clips: RecordedClip[] = [];
  const report = await checkPack(source, {}, async (clip) => {
    clips.push(clip);
  });
  return { ...report, clips };
}

t.test('a folder of clips is checked; what it lacks is listed, not refused', async (t) => {
  const dir = t.testdir({
    en: { 'alarm.sent.wav': recorded(), 'test.end.wav': recorded({ sampleRate: 16_000 }) },
    th: { 'alarm.sent.wav': recorded() },
    'README.md': 'who spoke',
    '.DS_Store': '',
  });
  const { languages, problems, clips } = await check(dir);
  t.strictSame(problems, []);
  t.match(languages, [
    { language: 'en', prompts: 2 },
    { language: 'th', prompts: 1 },
  ]);
  t.notOk(languages[0]?.missing.includes('alarm.sent'));
  t.ok(languages[0]?.missing.includes('alarm.received'));
  t.match(clips[0], { language: 'en', key: 'alarm.sent', text: /^Your alarm has been sent/ });
});

t.test('recordings of any loudness come out as loud as synthesis, without silence around them', async (t) => {
  const dir = t.testdir({
    en: { 'alarm.sent.wav': recorded({ level: 0.03 }), 'test.end.wav': recorded({ level: 0.9 }) },
  });
  const { clips } = await check(dir);
  t.equal(clips.length, 2);
  for (const { wav, key, lufs } of clips) {
    const found = loudnessOf(samplesOf(wav), wav.sampleRate);
    t.ok(Math.abs(found - TARGET_LUFS) < 0.2, `${key}: from ${lufs} to ${found}`);
    t.ok(wav.data.length / 2 / wav.sampleRate < 1.08, `${key}: 0.4 s of silence are cut`);
  }
});

t.test('each file that cannot be used is named with its own code', async (t) => {
  const stereo = recorded();
  stereo.writeUInt16LE(2, 22);
  const dir = t.testdir({
    en: {
      'alarm.sent.wav': recorded({ sampleRate: 8000 }),
      'alarm.received.wav': stereo,
      'alarm.closed.wav': 'not a sound',
      'alarm.stuck.wav': recorded({ seconds: 0.1 }),
      'alarm.stored.wav': recorded({ sampleRate: 16_000, seconds: 31 }),
      'alarm.attending.wav': recorded({ level: 0.005 }),
      'alarm.pressed.wav': recorded({ level: 1.6 }),
      'alarm.unstored.wav': recorded({ level: 0 }),
      'alarm.snt.wav': recorded(),
      'robot.passing.wav': recorded(),
    },
    tlh: { 'alarm.sent.wav': recorded() },
    'alarm.sent.mp3': 'x',
  });
  const { problems, clips } = await check(dir);
  t.strictSame(
    clips.map(({ key }) => key),
    ['robot.passing'],
    'the good one is taken all the same',
  );
  const expected: [string, string, RegExp][] = [
    ['alarm.sent.mp3', 'WP2542', /not LANGUAGE\/KEY\.wav/],
    ['en/alarm.attending.wav', 'WP2545', /LUFS, less than -38/],
    ['en/alarm.closed.wav', 'WP2543', /no RIFF header/],
    ['en/alarm.pressed.wav', 'WP2545', /peaks are cut off at 0\.20 s/],
    ['en/alarm.received.wav', 'WP2543', /2 channels/],
    ['en/alarm.sent.wav', 'WP2543', /8000 samples a second/],
    ['en/alarm.snt.wav', 'WP2542', /alarm\.sent/],
    ['en/alarm.stored.wav', 'WP2544', /310\d\d ms/],
    ['en/alarm.stuck.wav', 'WP2544', /1\d\d ms/],
    ['en/alarm.unstored.wav', 'WP2545', /nothing is heard/],
    ['tlh/alarm.sent.wav', 'WP2542', /zh-CN/],
  ];
  t.equal(problems.length, expected.length);
  for (const [index, [path, code, why]] of expected.entries()) {
    t.equal(problems[index]?.code, code, path);
    t.ok(problems[index]?.detail?.startsWith(`${path}: `), `${path} is named`);
    t.match(problems[index]?.detail, why);
  }
});

t.test('a zip is read like a folder, also with one folder around it', async (t) => {
  const bytes = recorded();
  const zip = join(t.testdir(), 'pack.zip');
  await writeFile(
    zip,
    zipOf([
      { path: 'voices/', bytes: Buffer.alloc(0), mode: 0o40755 },
      { path: 'voices/en/alarm.sent.wav', bytes },
      { path: '__MACOSX/en/._alarm.sent.wav', bytes: Buffer.from('x') },
      { path: 'en/alarm.sent.wav', bytes },
    ]),
  );
  const { languages, problems } = await check(zip);
  t.match(languages, [{ language: 'en', prompts: 1 }]);
  t.match(problems, [{ code: 'WP2542', detail: /another clip/ }]);
});

t.test('nothing that leads out of the pack, pretends or is endless is read', async (t) => {
  const dir = t.testdir({ linked: { en: {} }, 'not.zip': 'PK?' });
  await symlink('/etc/hostname', join(dir, 'linked/en/alarm.sent.wav'));
  const bytes = recorded();
  const zips: [string, Buffer][] = [
    ['out', zipOf([{ path: '../en/alarm.sent.wav', bytes }])],
    ['absolute', zipOf([{ path: '/en/alarm.sent.wav', bytes }])],
    ['link', zipOf([{ path: 'en/alarm.sent.wav', bytes: Buffer.from('/etc/hostname'), mode: 0o120777 }])],
    ['huge', zipOf([{ path: 'en/alarm.sent.wav', bytes, declared: 2 ** 31 }])],
    [
      'many',
      zipOf(
        Array.from({ length: 2001 }, (_, index) => ({ path: `en/${index}.wav`, bytes: Buffer.alloc(0) })),
      ),
    ],
    ['short', zipOf([{ path: 'en/alarm.sent.wav', bytes }]).subarray(0, 4000)],
  ];
  for (const [name, zip] of zips) await writeFile(join(dir, `${name}.zip`), zip);
  for (const name of ['linked', 'none', 'not.zip', ...zips.map(([zip]) => `${zip}.zip`)])
    await t.rejects(check(join(dir, name)), { code: 'WP2541' }, name);
});

async function pathsOf(source: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of packFiles(source)) paths.push(path);
  return paths;
}

t.test('a spoiled zip is refused or read, and nothing else happens (seeds 1 to 300)', async (t) => {
  const zip = join(t.testdir(), 'pack.zip');
  const whole = zipOf([
    { path: 'en/alarm.sent.wav', bytes: recorded({ sampleRate: 16_000, seconds: 0.4 }) },
    { path: 'en/test.end.wav', bytes: recorded({ sampleRate: 16_000, seconds: 0.4 }) },
  ]);
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const spoiled = Buffer.from(whole);
    // Headers and the directory are where a reader goes wrong; most of a file is sound.
    for (let change = 0; change <= random(4); change += 1) {
      const at = random(2) === 0 ? random(80) : whole.length - 1 - random(200);
      spoiled[at] = random(256);
    }
    await writeFile(zip, spoiled);
    const outcome = await pathsOf(zip).then(
      () => 'read',
      (error: unknown) => (error instanceof WatchpostError ? error.code : `seed ${seed}: ${error}`),
    );
    outcomes.add(outcome);
  }
  t.strictSame([...outcomes].sort(), ['WP2541', 'read']);
});
