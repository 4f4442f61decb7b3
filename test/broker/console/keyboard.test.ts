import t from 'tap';
import { ACTION_KEYS, commandOf, type KeyPress } from '#broker/console/control/keyboard.ts';

const press = (key: string, rest: Partial<KeyPress> = {}) =>
  commandOf({ key, modified: false, on: 'page', ...rest });

t.test('letters and arrows move, Enter opens, ? helps, m silences, g shows the map', async (t) => {
  t.same(press('j'), { kind: 'move', by: 1 });
  t.same(press('ArrowUp'), { kind: 'move', by: -1 });
  t.same(press('Enter'), { kind: 'open' });
  t.same(press('?'), { kind: 'help' });
  t.same(press('m'), { kind: 'silence' });
  t.same(press('g'), { kind: 'map' });
});

t.test('every step has its key', async (t) => {
  for (const [action, key] of Object.entries(ACTION_KEYS)) t.match(press(key), { kind: 'act', action });
});

t.test('typed text is never a command, but Escape always leaves', async (t) => {
  for (const key of ['a', 'r', 'j', 'Enter', '?']) t.equal(press(key, { on: 'text' }), null);
  t.same(press('Escape', { on: 'text' }), { kind: 'back' });
});

t.test('the browser keeps its shortcuts, and a focused button its Enter', async (t) => {
  t.equal(press('r', { modified: true }), null);
  t.equal(press('Enter', { on: 'control' }), null);
  t.equal(press('x'), null);
});
