import t from 'tap';
import { FilterTree, filterMatches } from '#broker/persistence/sessions/topic-filters.ts';

/** From MQTT 3.1.1 §4.7. */
const CASES: readonly [string, string, boolean][] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['#', 'any/thing', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/uptime', false],
  ['+/uptime', '$SYS/uptime', false],
  ['$SYS/#', '$SYS/uptime', true],
  ['Sport', 'sport', false],
];

t.test('filters match topics as MQTT 3.1.1 says, alone and in the tree', (t) => {
  for (const [filter, topic, expected] of CASES) {
    t.equal(filterMatches(filter, topic), expected, `${filter} ${topic}`);
    const tree = new FilterTree<string>();
    tree.set(filter, 'c', filter);
    t.equal(tree.match(topic).length, expected ? 1 : 0, `tree: ${filter} ${topic}`);
  }
  t.end();
});

t.test('the tree finds what the filters find one by one, and is empty when all are gone', (t) => {
  const levels = ['a', 'b', '', '+', '$x'];
  const topics = levels.filter((level) => level !== '+');
  const filters = combine(levels).flatMap((filter) => [filter, `${filter}/#`]);
  const tree = new FilterTree<string>();
  for (const filter of filters) tree.set(filter, 'c', filter);
  t.equal(tree.size, filters.length);
  for (const topic of combine(topics)) {
    const expected = filters.filter((filter) => filterMatches(filter, topic)).sort();
    if (JSON.stringify(tree.match(topic).sort()) !== JSON.stringify(expected)) t.fail(topic);
  }
  for (const filter of filters) tree.delete(filter, 'c');
  t.equal(tree.size, 0);
  t.same(tree.match('a/b'), []);
  t.end();
});

function combine(levels: readonly string[]): string[] {
  const two = levels.flatMap((first) => levels.map((second) => `${first}/${second}`));
  return [...two, ...two.flatMap((head) => levels.map((third) => `${head}/${third}`))];
}
