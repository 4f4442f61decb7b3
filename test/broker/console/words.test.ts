import t from 'tap';
import en from '#broker/console/locales/en.json' with { type: 'json' };
import zhCN from '#broker/console/locales/zh-CN.json' with { type: 'json' };
import { degrees, duration, timeOf } from '#broker/console/words/format.ts';
import { loadWords, preferredLanguage, typeName, wordsIn } from '#broker/console/words/words.ts';
import { CLOCK_QUALITIES } from '#contract/clock.ts';
import { EVENT_LANES } from '#contract/event-types.ts';
import { INCIDENT_ACTIONS } from '#contract/http.ts';
import { INCIDENT_STATES } from '#contract/messages.ts';
import prompts from '#profiles/voices/en.json' with { type: 'json' };

t.before(loadWords);

/** Keys of all texts; plural forms count as one. */
function keysOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string'
      ? [`${path}${name.replace(/_(one|other)$/, '')}`]
      : keysOf(inner, `${path}${name}.`),
  );
}

t.test('every language says everything', async (t) => {
  t.same([...new Set(keysOf(zhCN))].sort(), [...new Set(keysOf(en))].sort());
  for (const text of keysOf(en)) t.not(text, '');
});

for (const language of ['en', 'zh-CN'] as const) {
  t.test(`there are words for all that a site may say (${language})`, async (t) => {
    const words = wordsIn(language);
    const hasWord = (group: string, name: string) => t.not(words.term(group, name), name, `${group}.${name}`);
    for (const state of INCIDENT_STATES) hasWord('state', state);
    for (const action of INCIDENT_ACTIONS) t.not(words.t(`action.${action}`), `action.${action}`);
    for (const quality of CLOCK_QUALITIES) hasWord('clock', quality);
    for (const [type, lane] of Object.entries(EVENT_LANES))
      if (lane === 'alarm') hasWord('type', typeName(type));
    // The ways are parts of what is said of a place, and never said by themselves.
    const said = keysOf(prompts.prompts).filter((key) => !key.startsWith('way.'));
    for (const key of said) hasWord('voice', key.replace(/\.(text|speech)$/, ''));
  });
}

t.test('a name this page has no word for is shown as it is', async (t) => {
  t.equal(wordsIn('en').term('panic', 'levitating'), 'levitating');
  t.equal(wordsIn('zh-CN').term('type', typeName('wp.flood.foreseen.v2')), 'flood-foreseen');
});

t.test('numbers have their plural, and names are not escaped twice', async (t) => {
  t.equal(wordsIn('en').t('incident.alarms', { count: 1 }), '1 alarm');
  t.equal(wordsIn('en').t('incident.alarms', { count: 2 }), '2 alarms');
  t.equal(wordsIn('zh-CN').t('incident.alarms', { count: 2 }), '2 次报警');
  t.match(wordsIn('en').t('escalation.robot', { name: 'R&D' }), 'R&D');
});

t.test('the language chosen before comes first, then what the browser asks for', async (t) => {
  t.equal(preferredLanguage('en', ['zh-CN']), 'en');
  t.equal(preferredLanguage(null, ['fr', 'zh-TW', 'en']), 'zh-CN');
  t.equal(preferredLanguage('tlh', ['en-GB']), 'en');
  t.equal(preferredLanguage(null, ['fr']), 'zh-CN');
});

t.test('durations read m:ss, then h:mm:ss, and never go negative', async (t) => {
  t.same([0, 999, 61_000, 3_600_000, 36_061_000, -5000].map(duration), [
    '0:00',
    '0:00',
    '1:01',
    '1:00:00',
    '10:01:01',
    '0:00',
  ]);
});

t.test('a time of another day carries its date, one that is none a dash', async (t) => {
  const noon = new Date(2026, 0, 2, 12, 0, 5);
  t.equal(timeOf('en', noon.getTime(), noon.getTime()), '12:00:05');
  t.match(timeOf('zh-CN', noon.getTime() - 86_400_000, noon.getTime()), /2026.*12:00:05/);
  t.equal(timeOf('en', 'soon', 0), '–');
  t.equal(degrees(31.2304), '31.23040');
});
