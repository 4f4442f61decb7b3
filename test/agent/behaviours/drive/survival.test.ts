import t from 'tap';
import { type SurvivalFacts, settled, survive } from '#agent/behaviours/drive/survival.ts';
import { reading, settings } from './fixture.ts';

const facts = (change: Partial<SurvivalFacts> = {}): SurvivalFacts => ({
  reading: reading(),
  canDock: true,
  linkLostForMs: null,
  isOrdered: false,
  ...change,
});
const wanted = (change: Partial<SurvivalFacts>, drive: Record<string, unknown> = {}) =>
  survive(settled, facts(change), settings(drive))[1];
const charged = (charge: number) => facts({ reading: reading({ battery: { charge, isCharging: false } }) });

t.test('low battery: it goes to its dock, and stays until it is charged', async (t) => {
  const [low, first] = survive(settled, charged(0.24), settings());
  t.equal(first, 'dock');
  const [still, second] = survive(low, charged(0.49), settings());
  t.equal(second, 'dock', 'not with the first per cent');
  t.equal(survive(still, facts({ reading: null }), settings())[1], 'dock', 'nor when nothing is known');
  t.equal(survive(still, charged(0.5), settings())[1], 'none');
  t.equal(survive(settled, charged(0.49), settings())[1], 'none');
});

t.test('link lost: after its time it finishes its round, parks or docks, as the profile says', async (t) => {
  const linkLostForMs = 60_000;
  t.equal(wanted({ linkLostForMs: 59_999 }, { linkLost: 'dock' }), 'none');
  t.equal(wanted({ linkLostForMs }, { linkLost: 'dock' }), 'dock');
  t.equal(wanted({ linkLostForMs, isOrdered: true }, { linkLost: 'dock' }), 'dock');
  t.equal(wanted({ linkLostForMs }, { linkLost: 'park' }), 'park');
  t.equal(wanted({ linkLostForMs, isOrdered: true }, {}), 'none', 'a round is finished');
  t.equal(wanted({ linkLostForMs }, {}), 'dock', 'and after it there is nobody to ask');
});

t.test('without a dock it stays where it is', async (t) => {
  t.equal(wanted({ linkLostForMs: 60_000, canDock: false }, { linkLost: 'dock' }), 'park');
  t.equal(survive(settled, { ...charged(0.2), canDock: false }, settings())[1], 'park');
});

t.test('a base that knows nothing of its battery never goes for it', async (t) => {
  t.equal(wanted({ reading: reading({ battery: null }) }), 'none');
});
