import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { STEP_KINDS, STEP_STATES } from '#contract/commission/run.ts';
import en from '#contract/commission/words/en.json' with { type: 'json' };
import zhCN from '#contract/commission/words/zh-CN.json' with { type: 'json' };
import { COMMISSION_LANGUAGES, commissionWord, stepName } from '#contract/commission/words.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const flat = (words: object): Map<string, string> =>
  new Map(
    Object.entries(words).flatMap(([group, texts]: [string, string | object]) =>
      typeof texts === 'string'
        ? [[group, texts] as const]
        : Object.entries(texts).map(([key, text]) => [`${group}/${key}`, String(text)] as const),
    ),
  );
const valuesIn = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).sort();

t.test('both languages say the same things, with the same values', async (t) => {
  const [english, chinese] = [flat(en), flat(zhCN)];
  t.strictSame([...chinese.keys()].sort(), [...english.keys()].sort());
  for (const [key, text] of english) t.strictSame(valuesIn(chinese.get(key) ?? ''), valuesIn(text), key);
});

t.test('every step and state has a name, and every prompt its words', async (t) => {
  for (const language of COMMISSION_LANGUAGES) {
    for (const kind of STEP_KINDS) t.not(stepName(language, { kind, subject: 'x' }), kind);
    for (const state of STEP_STATES) t.ok(commissionWord(language, 'state', state).length > 0);
  }
  const dir = join(ROOT, 'broker/commissioning');
  const sources = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const text = sources.map((file) => readFileSync(join(dir, file), 'utf8')).join('\n');
  const said = [...text.matchAll(/walk\.(?:say|ask|confirm)\(\s*'([\w.]+)'/g)].map(([, key = '']) => key);
  t.ok(said.length > 15, `${said.length} prompts found`);
  for (const key of said) t.ok(Object.hasOwn(en.say, key), key);
});

t.test('values are put in their places, and what is not known is shown as it is', async (t) => {
  t.equal(
    commissionWord('en', 'say', 'siren.heard', { seconds: 5 }),
    'The siren sounds for 5 seconds. Do you hear it?',
  );
  t.equal(commissionWord('zh-CN', 'ui', 'done', { done: 1, all: 2 }), '1 / 2 步');
  t.equal(commissionWord('en', 'say', 'of.a.newer.site'), 'of.a.newer.site');
});
