import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Step, StepPrompt } from '#contract/commission/run.ts';
import { FileHands, readAnswers } from '#scripts/commission/answers.ts';
import type { Hands } from '#scripts/commission/hands.ts';
import { readCoordinates } from '#scripts/commission/person-hands.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const step = (id: string): Step => ({
  ...{ id, kind: 'sensor', subject: id.split(':')[1] ?? null, state: 'running', attempts: 1, prompt: null },
  ...{
    measured: [],
    facts: [],
    events: [],
    pictures: [],
    code: null,
    detail: null,
    reason: null,
    by: null,
    at: null,
  },
});
const prompt = (question: StepPrompt['question']): StepPrompt => ({
  ...{ key: 'sensor.right', args: {}, question, since: '2026-11-22T10:00:00.000Z', limitS: null },
});
const SIGNAL = new AbortController().signal;

t.test('answers, skips and acceptances are found by the step, or by its kind', async (t) => {
  const file = join(temporaryFolder(t), 'answers.yaml');
  writeFileSync(
    file,
    'by: Mei Lin\nanswers: { "sensor:door": { answer: no, note: broken }, sensor: yes }\nskip: { "sensor:roof": too high up }\naccept: { sensor: a new one on Monday }\n',
  );
  const hands = new FileHands(readAnswers(file), null);
  t.same(await hands.act(step('sensor:door'), prompt('yes-no'), SIGNAL), { answer: 'no', note: 'broken' });
  t.same(await hands.act(step('sensor:hall'), prompt('yes-no'), SIGNAL), { answer: 'yes' });
  t.equal(await hands.act(step('sensor:hall'), prompt(null), SIGNAL), null, 'nothing is asked');
  t.same(await hands.before(step('sensor:roof')), { kind: 'skip', reason: 'too high up' });
  t.same(await hands.before(step('sensor:hall')), { kind: 'go' });
  t.same(await hands.failed(step('sensor:hall')), { kind: 'accept', reason: 'a new one on Monday' });
});

t.test('what the file does not say is done and answered by others, or told by its code', async (t) => {
  const seen: (StepPrompt['question'] | 'before')[] = [];
  const others: Hands = {
    before: async () => ({ kind: 'go' }),
    failed: async () => ({ kind: 'leave' }),
    act: async (_step, { question }) => {
      seen.push(question);
      return question === null ? null : { answer: 'yes' };
    },
  };
  const answers = { answers: { sensor: 'no' as const }, skip: {}, accept: {} };
  t.same(await new FileHands(answers, others).act(step('sensor:a'), prompt('yes-no'), SIGNAL), {
    answer: 'no',
  });
  t.same(seen, [null], 'they act, and are not asked');
  const none = { answers: {}, skip: {}, accept: {} };
  t.same(await new FileHands(none, others).act(step('sensor:a'), prompt('yes-no'), SIGNAL), {
    answer: 'yes',
  });
  await t.rejects(new FileHands(none, null).act(step('sensor:a'), prompt('yes-no'), SIGNAL), {
    code: 'WP4525',
  });
  t.same(await new FileHands(none, null).failed(step('sensor:a')), { kind: 'leave' });
});

t.test('a file that is wrong is told with where', async (t) => {
  const file = join(temporaryFolder(t), 'answers.yaml');
  for (const [text, where] of [
    ['answers: { lamp: perhaps }', /answers\.lamp/],
    ['skip: { mains: "" }', /skip\.mains/],
    ['answer: {}', /answer/],
    ['answers: [', /answers\.yaml/],
  ] as const) {
    writeFileSync(file, text);
    t.throws(() => readAnswers(file), { code: 'WP4524', message: where });
  }
  t.throws(() => readAnswers(join(file, 'not there')), { code: 'WP4524' });
});

t.test('coordinates are typed with a comma or a blank', async (t) => {
  t.same(readCoordinates('31.2304, 121.4737'), { latitude: 31.2304, longitude: 121.4737 });
  t.same(readCoordinates(' -33.8;151.2 '), { latitude: -33.8, longitude: 151.2 });
  for (const wrong of ['', '31', '91, 0', '0, 181', 'here', '1, 2, 3'])
    t.equal(readCoordinates(wrong), null, wrong);
});
