import t from 'tap';
import { NOBODY } from '#broker/auth/identity.ts';
import { PlainBatch } from '#broker/server/ingest/plain-batch.ts';

const message = (topic: string, said: string[]) => ({
  publisher: { id: 'svc.one', identity: NOBODY, client: null },
  packet: { cmd: 'publish', topic, payload: '', qos: 1, retain: false, dup: false } as const,
  settle: (error: Error | null) => void said.push(`${topic} ${error === null ? 'stored' : error.message}`),
});

t.test('what is said in one go is stored together and settled in order', async (t) => {
  const stored: string[][] = [];
  const said: string[] = [];
  const batch = new PlainBatch(
    async (messages) => void stored.push(messages.map(({ packet }) => packet.topic)),
  );
  for (const topic of ['a', 'b', 'c']) batch.add(message(topic, said));
  await new Promise(setImmediate);
  batch.add(message('d', said));
  await new Promise(setImmediate);
  t.same(stored, [['a', 'b', 'c'], ['d']]);
  t.same(said, ['a stored', 'b stored', 'c stored', 'd stored']);
});

t.test('a message that cannot be stored spoils no other', async (t) => {
  const tries: number[] = [];
  const said: string[] = [];
  const batch = new PlainBatch(async (messages) => {
    tries.push(messages.length);
    if (messages.some(({ packet }) => packet.topic === 'bad')) throw new RangeError('does not fit');
  });
  for (const topic of ['a', 'bad', 'c']) batch.add(message(topic, said));
  await new Promise(setImmediate);
  t.same(tries, [3, 1, 1, 1]);
  t.same(said.sort(), ['a stored', 'bad does not fit', 'c stored']);
});

t.test('one alone that cannot be stored is tried once', async (t) => {
  let tries = 0;
  const said: string[] = [];
  const batch = new PlainBatch(async () => {
    tries += 1;
    throw new RangeError('full');
  });
  batch.add(message('a', said));
  await new Promise(setImmediate);
  t.equal(tries, 1);
  t.same(said, ['a full']);
});
