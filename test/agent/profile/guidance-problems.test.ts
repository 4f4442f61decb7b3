import t from 'tap';
import { Guidance } from '#agent/ports/guidance.ts';
import { guidanceProblems } from '#agent/profile/guidance-problems.ts';

const INPUTS = [
  { name: 'button', kind: 'button' as const, with: { driver: 'sim' } },
  { name: 'globe', kind: 'guidance' as const, with: { driver: 'sim' } },
  { name: 'info', kind: 'guidance' as const, with: { driver: 'sim' } },
];
const EXIT = { id: 'exit-2', direction: 'left', name: { en: 'Exit 2', ar: 'المخرج 2' } };

function problems(guidance: object, more: { kiosk?: { port: number }; languages?: string[] } = {}) {
  const parsed = Guidance.parse({ buttons: { language: 'globe', topic: 'info' }, ...guidance });
  const found = guidanceProblems({ languages: ['en'], inputs: INPUTS, guidance: parsed, ...more });
  return found.map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

t.test('a site whose words are complete is in order', async (t) => {
  t.same(problems({ languages: ['ar'], places: [EXIT] }, { kiosk: { port: 0 } }), []);
});

t.test('a name in a language that nobody knows is a slip of the pen', async (t) => {
  const jp = { ...EXIT, name: { ...EXIT.name, jp: '出口' } };
  t.match(problems({ places: [jp] }), [/^WP4020 guidance\.places\[0\]\.name\.jp: jp is no language here$/]);
  const other = { ...EXIT, name: { ...EXIT.name, ja: '出口' } };
  t.same(problems({ places: [other] }), [], 'one that another device of the site speaks is not');
});

t.test('what visitors can choose must have words', async (t) => {
  const answer = { id: 'lockers', title: { en: 'Left luggage', ar: 'x' }, text: { en: 'At the desk.' } };
  const found = problems({ languages: ['ar', 'th'], places: [EXIT], answers: [answer] });
  t.match(found, [
    /^WP4021 guidance\.places\[0\]\.name: has no words in th,/,
    /^WP4021 guidance\.answers\[0\]\.title: has no words in th,/,
    /^WP4021 guidance\.answers\[0\]\.text: has no words in ar, th,/,
  ]);
  const silent = Guidance.parse({ languages: ['th'], places: [EXIT] });
  t.same(
    guidanceProblems({ languages: ['en'], inputs: INPUTS.slice(0, 1), guidance: silent }),
    [],
    'where nobody can choose, a warning at rendering is enough',
  );
});

t.test('a page speaks no language that it has no words in', async (t) => {
  t.match(problems({ languages: ['tlh'] }, { kiosk: { port: 0 }, languages: ['en', 'eo'] }), [
    /^WP4022 languages\[1\]: the kiosk page has no words in eo$/,
    /^WP4022 guidance\.languages\[0\]: the kiosk page has no words in tlh$/,
  ]);
  t.same(problems({ languages: ['tlh'] }), [], 'without the page, prompts may be said in it');
});

t.test('buttons and inputs agree', async (t) => {
  t.match(problems({ buttons: { language: 'globe' } }), [/^WP4023 inputs\[2\]\.kind: info has no part/]);
  t.match(problems({ buttons: { language: 'globe', topic: 'globe' } }), [
    /^WP4023 guidance\.buttons\.topic: globe has a part already$/,
    /^WP4023 inputs\[2\]\.kind: info/,
  ]);
  t.match(problems({ buttons: { language: 'button', topic: 'info' } }), [
    /^WP4023 guidance\.buttons\.language: button is no input of kind guidance$/,
    /^WP4023 inputs\[1\]\.kind: globe/,
  ]);
});
