import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { lintProfile } from '#scripts/profiles/lint.ts';
import { type Answers, WIRINGS } from '#scripts/profiles/new/answers.ts';
import { composeProfile } from '#scripts/profiles/new/compose.ts';
import { interview, takesDefaults } from '#scripts/profiles/new/interview.ts';
import { modelIds, modelOf } from '#scripts/profiles/new/models.ts';
import type { Question } from '#scripts/profiles/new/questions.ts';
import { resolved, sourcesOf } from '#scripts/profiles/sources.ts';
import { readVoices } from '#scripts/profiles/voice-facts.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

function folder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'wp-new-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Writes what the answers come to. */
async function made(t: Test, known: Answers): Promise<{ file: string; answers: Answers }> {
  const result = await interview({ name: 'fresh', ...known }, takesDefaults);
  if (result.outcome !== 'answered') throw new TypeError(result.question.text);
  const file = join(folder(t), 'fresh.yaml');
  writeFileSync(file, composeProfile(result.answers, modelOf(known.like ?? ''), file));
  return { file, answers: result.answers };
}

t.test('of every model and with every wiring a profile is made that lint finds in order', async (t) => {
  const voices = await readVoices({});
  for (const like of modelIds()) {
    for (const wiring of WIRINGS) {
      const { file } = await made(t, { like, wiring });
      const problems = lintProfile(sourcesOf(file, {}), voices);
      t.same(problems, [], `${like} ${wiring}\n${readFileSync(file, 'utf8')}`);
    }
  }
});

t.test('with every default it differs from its model by its name alone', async (t) => {
  const { file } = await made(t, { like: 'pillars/school-gate' });
  const model = modelOf('pillars/school-gate').profile;
  t.same(resolved(file, {}).profile, { ...model, name: 'fresh' });
});

t.test('the answers stand in it', async (t) => {
  const { file } = await made(t, {
    like: 'robots/reception',
    languages: ['en', 'ja'],
    supervisionS: 90,
    dwellS: 45,
    evidenceDays: 2,
    wiring: 'gpio',
    chip: 'pinctrl-rp1',
    at: { button: 'GPIO4', lamp: 25 },
  });
  const { profile } = resolved(file, {});
  t.match(profile, {
    languages: ['en', 'ja'],
    supervisionS: 90,
    camera: { dwellS: 45, width: 320 },
    retention: { evidenceDays: 2 },
    lamp: { driver: 'gpio', chip: 'pinctrl-rp1', line: 25 },
  });
  t.match(profile.inputs, [
    { name: 'button', with: { line: 'GPIO4', activeLow: true, bias: 'up' } },
    { name: 'tamper', with: { line: 27, activeLow: false } },
    { name: 'desk', kind: 'duress' },
    { name: 'info', kind: 'guidance' },
  ]);
});

t.test('what is asked next follows from what was answered', async (t) => {
  const asked: string[] = [];
  const says: Record<string, string> = { like: 'pillars/roadside', name: 'x', wiring: 'firmata', lamp: '9' };
  const person = {
    ask: async ({ key, part, initial }: Question) => {
      asked.push(part ?? key);
      return says[part ?? key] ?? initial ?? null;
    },
  };
  const { answers } = { answers: {}, ...(await interview({}, person)) };
  t.same(asked, [
    ...['like', 'name', 'description', 'languages', 'supervisionS', 'wiring', 'port', 'board'],
    ...['button', 'tamper', 'lamp', 'siren'],
  ]);
  t.match(answers, { at: { button: 2, tamper: 4, lamp: 9, siren: 8 }, board: 'uno' });
});

t.test('an answer that cannot be used is asked for again, with what was wrong', async (t) => {
  const heard: (string | null)[] = [];
  const tries = ['pillars/no-such', 'roadside', 'Not A Name', 'good-name'];
  const person = {
    ask: async (question: Question, trouble: string | null) => {
      heard.push(trouble);
      return tries.shift() ?? takesDefaults.ask(question, trouble);
    },
  };
  const result = await interview({}, person);
  t.match(result, { outcome: 'answered', answers: { like: 'pillars/roadside', name: 'good-name' } });
  t.match(heard.slice(0, 5), [null, /pillars\/school-gate/, null, /1 to 32 of a-z/, null]);
});

t.test('whoever gives up leaves no file', async (t) => {
  const result = await interview({ like: 'pillars/roadside' }, { ask: async () => null });
  t.match(result, { outcome: 'unanswered', question: { key: 'name' } });
});

const run = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'profile', 'new', ...args], {
    cwd,
    encoding: 'utf8',
    input: '',
  });

t.test('without a terminal nothing is asked: what is missing is named with its option', async (t) => {
  const dir = folder(t);
  const { status, stderr } = run(dir, 'river.yaml');
  t.equal(status, 1);
  t.match(stderr, /^WP4070 .*Which model is it like\?.*\n.*--like/);
  t.notOk(existsSync(join(dir, 'river.yaml')));
});

t.test(
  'answers come by options and by a file, options first; what was there is not overwritten',
  async (t) => {
    const dir = folder(t);
    writeFileSync(
      join(dir, 'answers.yaml'),
      'like: school-gate\nsupervisionS: 90\nwiring: gpio\nat: { lodge: 6 }\n',
    );
    const args = ['gate.yaml', '--answers', 'answers.yaml', '--supervision-s', '120', '--yes'];
    const { status, stdout } = run(dir, ...args);
    t.equal(status, 0, stdout);
    t.match(
      stdout,
      /gate\.yaml is written, like pillars\/school-gate\.\n0 errors, 0 warnings in 1 profile\nnext: /,
    );
    const { profile } = resolved(join(dir, 'gate.yaml'), {});
    t.match(profile, { name: 'gate', supervisionS: 120 });
    t.match(profile.inputs[2], { name: 'lodge', with: { line: 6 } });
    t.match(run(dir, ...args).stderr, /^WP4072 /);
    writeFileSync(join(dir, 'answers.yaml'), 'like: school-gate\nsupervisionSS: 90\n');
    t.match(run(dir, 'b.yaml', '--answers', 'answers.yaml', '--yes').stderr, /^WP4071 .*answers\.yaml/);
    t.match(run(dir, 'no/b.yaml', '--like', 'roadside', '--yes').stderr, /^WP4074 .*ENOENT/);
  },
);
