import fc from 'fast-check';
import t from 'tap';
import {
  advanced,
  CANDIDATE,
  isOver,
  type Lifecycle,
  type Observation,
  type Told,
} from '#agent/vision/judgement/lifecycle.ts';

const RULES = { dwellS: 10, fixtureS: 300 };

/** An ordinary look, alone since `aloneT`. */
const look = (t: number, aloneT: number | null, change: Partial<Observation> = {}): Observation => ({
  t,
  presence: 'seen',
  aloneT,
  isProven: true,
  takenBy: 'other',
  ...change,
});

function lived(looks: readonly Observation[]): { life: Lifecycle; told: Told[] } {
  let life = CANDIDATE;
  const told: Told[] = [];
  for (const each of looks) {
    const step = advanced(life, each, RULES);
    life = step.life;
    if (step.told !== null) told.push(step.told);
  }
  return { life, told };
}

const LEFT = look(11, 1);
const states = ({ told }: { told: Told[] }) => told.map(({ state }) => state);

t.test('each step of a life', async (t) => {
  const cases: [string, Observation[], string, string[]][] = [
    ['with its owner', [look(1, null)], 'attended', []],
    ['its clock runs', [look(1, null), look(3, 2)], 'unattended', []],
    ['not a moment early', [look(2, 2), look(11.9, 2)], 'unattended', []],
    ['due', [look(2, 2), look(12, 2)], 'reported', ['unattended']],
    ['due but not proven', [look(2, 2), look(30, 2, { isProven: false })], 'unattended', []],
    ['due but hidden', [look(2, 2), look(30, 2, { presence: 'covered' })], 'unattended', []],
    ['the owner comes back in time', [look(2, 2), look(9, null), look(13, 12)], 'unattended', []],
    ['taken before it is due', [look(2, 2), look(9, 2, { presence: 'gone' })], 'removed', []],
    [
      'reclaimed',
      [LEFT, look(12, 1, { presence: 'gone', takenBy: 'owner' })],
      'reclaimed',
      ['unattended', 'reclaimed'],
    ],
    ['removed', [LEFT, look(12, 1, { presence: 'gone' })], 'removed', ['unattended', 'removed']],
    ['attended again', [LEFT, look(12, null), look(13, null)], 'reported', ['unattended', 'attended']],
    [
      'alone for a moment only',
      [LEFT, look(12, null), look(15, 14), look(16, null)],
      'reported',
      ['unattended', 'attended'],
    ],
    [
      'alone again',
      [LEFT, look(12, null), look(24, 14)],
      'reported',
      ['unattended', 'attended', 'unattended'],
    ],
    [
      'there for good',
      [LEFT, look(310, 1), look(312, 1), look(313, 1)],
      'fixture',
      ['unattended', 'fixture'],
    ],
    [
      'attended for good is no fixture',
      [LEFT, look(12, null), look(900, null)],
      'reported',
      ['unattended', 'attended'],
    ],
  ];
  for (const [title, looks, phase, told] of cases) {
    const found = lived(looks);
    t.equal(found.life.phase, phase, title);
    t.same(states(found), told, title);
  }
});

t.test('a look that changes nothing makes no new state', async (t) => {
  const { life } = lived([look(1, null)]);
  t.equal(advanced(life, look(2, null), RULES).life, life);
});

const anyLook = fc.record({
  afterS: fc.constantFrom(0.2, 1, 5, 11, 60, 400),
  presence: fc.constantFrom<Observation['presence']>('seen', 'seen', 'seen', 'covered', 'gone'),
  aloneForS: fc.option(fc.constantFrom(0, 3, 10, 50)),
  isProven: fc.boolean(),
  takenBy: fc.constantFrom<Observation['takenBy']>('owner', 'other'),
});

t.test(
  'whatever is seen: told once that it was left, nothing before that and nothing after its end',
  async () => {
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 40 }), (looks) => {
        let now = 0;
        let life = CANDIDATE;
        const told: Told[] = [];
        for (const { afterS, aloneForS, ...rest } of looks) {
          now += afterS;
          const wasOver = isOver(life);
          const step = advanced(
            life,
            { ...rest, t: now, aloneT: aloneForS === null ? null : now - aloneForS },
            RULES,
          );
          if (wasOver && (step.told !== null || step.life !== life)) return false;
          life = step.life;
          if (step.told !== null) told.push(step.told);
        }
        const changes = told.map(({ change }) => change);
        const lefts = changes.filter((change) => change === 'left').length;
        const ends = told.filter(({ state }) => ['reclaimed', 'removed', 'fixture'].includes(state)).length;
        const alternates = told.every(({ state }, index) => state !== told[index - 1]?.state);
        return lefts <= 1 && ends <= 1 && (changes.length === 0 || changes[0] === 'left') && alternates;
      }),
      { numRuns: 2000 },
    );
  },
);

t.test('updates come at most twice a dwell time, however its owner walks up and down', async (t) => {
  const looks = [LEFT];
  for (let now = 12; now < 112; now += 0.2) {
    const isAway = Math.floor(now) % 4 < 2;
    looks.push(look(now, isAway ? Math.floor(now / 4) * 4 : null));
  }
  t.ok(lived(looks).told.length <= 2 + (2 * 100) / RULES.dwellS);
});
