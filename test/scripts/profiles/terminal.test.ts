import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { interview } from '#scripts/profiles/new/interview.ts';
import { atTerminal } from '#scripts/profiles/new/terminal.ts';

const [ENTER, CTRL_C, DOWN] = ['\r', '\u0003', '\u001b[B'];

/** A terminal at which somebody types each answer once its question is to be seen. */
function typist(t: Test, answers: readonly (readonly [question: string, ...keys: string[]])[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...answers];
  let seen = '';
  output.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8');
    const [next] = left;
    const [question, ...keys] = next ?? [];
    if (question === undefined || !seen.includes(question)) return;
    left.shift();
    seen = '';
    // Behind the drawing of the question, which is still going on.
    setImmediate(() => {
      for (const key of keys) input.write(key);
    });
  });
  t.teardown(() => {
    input.destroy();
    output.destroy();
  });
  return { streams: { input, output }, unasked: () => left.map(([question]) => question) };
}

t.test('somebody at a terminal chooses, types and takes what is offered', async (t) => {
  const { streams, unasked } = typist(t, [
    ['Which model', DOWN, ENTER],
    ['called?', 'west-gate', ENTER],
    ['in a line?', ENTER],
    ['Which languages', ENTER],
    ['told as lost?', '0', ENTER],
    ['hang on?', DOWN, ENTER],
  ]);
  const result = await interview({}, await atTerminal(streams));
  t.match(result, {
    outcome: 'answered',
    answers: {
      like: 'pillars/help-point',
      name: 'west-gate',
      languages: ['zh-CN', 'en'],
      supervisionS: 600,
      wiring: 'simulated',
    },
  });
  t.same(unasked(), []);
});

t.test('what cannot be used is said, and asked for again', async (t) => {
  const { streams, unasked } = typist(t, [
    ['called?', 'West Gate', ENTER],
    ['use 1 to 32 of a-z'],
    ['called?', 'west-gate', ENTER],
    ['in a line?', CTRL_C],
  ]);
  const result = await interview({ like: 'pillars/roadside' }, await atTerminal(streams));
  t.match(result, { outcome: 'unanswered', question: { key: 'description' } });
  t.same(unasked(), []);
});
