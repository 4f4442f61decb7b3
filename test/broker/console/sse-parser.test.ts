import t from 'tap';
import { SseParser } from '#broker/console/api/sse-parser.ts';

const STREAM =
  'retry: 2000\n: run-1\n\nid: run-1\nevent: incident\ndata: {"a":\ndata: 1}\n\n: still here\n\ndata:plain\r\n\r\n';

t.test('an event is read whole, comments and fields without meaning give none', async (t) => {
  t.same(new SseParser().push(STREAM), [
    { event: 'incident', data: '{"a":\n1}', id: 'run-1' },
    { event: 'message', data: 'plain', id: 'run-1' },
  ]);
});

t.test('it does not matter where the pieces are cut', async (t) => {
  const whole = new SseParser().push(STREAM);
  for (let cut = 1; cut < STREAM.length; cut++) {
    const parser = new SseParser();
    t.same([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))], whole, `cut at ${cut}`);
  }
});

t.test('half an event is kept back until its end comes', async (t) => {
  const parser = new SseParser();
  t.same(parser.push('data: x\n'), []);
  t.same(parser.push('\n'), [{ event: 'message', data: 'x', id: null }]);
});

t.test('a line without end is refused before it fills the memory', async (t) => {
  t.throws(() => new SseParser().push('x'.repeat(2_000_001)), RangeError);
});
