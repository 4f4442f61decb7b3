import t from 'tap';
import { ToldObjects } from '#agent/behaviours/detection/told-objects.ts';

t.test('each beginning and each end is told once, whatever a process that was killed repeats', async (t) => {
  const told = new ToldObjects();
  const news = (change: 'left' | 'updated' | 'removed' | 'reclaimed') =>
    told.isNews({ objectId: 'a', change });
  t.same(
    [news('left'), news('left'), news('updated'), news('updated'), news('removed')],
    [true, false, true, true, true],
  );
  t.same([news('removed'), news('reclaimed'), news('left')], [false, false, false]);
  t.ok(told.isNews({ objectId: 'b', change: 'left' }));
  t.ok(told.isNews({ objectId: 'c', change: 'removed' }), 'the agent was started again meanwhile');
});

t.test('what was told of long ago is forgotten: it is bounded', async (t) => {
  const told = new ToldObjects();
  for (let i = 0; i <= 500; i++) t.ok(told.isNews({ objectId: `object-${i}`, change: 'left' }));
  t.notOk(told.isNews({ objectId: 'object-500', change: 'left' }));
  t.ok(told.isNews({ objectId: 'object-0', change: 'left' }));
});
