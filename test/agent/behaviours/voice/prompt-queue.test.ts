import t from 'tap';
import { MAX_WAITING, type Prompt, PromptQueue } from '#agent/behaviours/voice/prompt-queue.ts';
import { VOICE_PRIORITIES, type VoicePriority } from '#agent/ports/speaker.ts';

function prompt(key: string, priority: VoicePriority, more: Partial<Prompt> = {}): Prompt {
  return {
    key,
    priority,
    languages: ['en'],
    repeatEveryMs: null,
    askedAtMs: 0,
    nextLanguage: 0,
    dueAtMs: 0,
    ...more,
  };
}

t.test('the strongest comes first, the oldest among equals', async (t) => {
  const queue = new PromptQueue();
  for (const priority of [...VOICE_PRIORITIES].reverse()) {
    if (priority === 'ambient') continue;
    queue.add(prompt(`${priority}.first`, priority));
    queue.add(prompt(`${priority}.second`, priority));
  }
  const order: string[] = [];
  for (let next = queue.take(0); next !== null; next = queue.take(0)) order.push(next.key);
  t.strictSame(order, [
    'talk-back.second',
    'alarm.second',
    'hazard.first',
    'hazard.second',
    'guidance.first',
    'guidance.second',
  ]);
});

t.test('a full queue drops the oldest of its weakest and keeps every alarm', async (t) => {
  const queue = new PromptQueue();
  queue.add(prompt('alarm.sent', 'alarm'));
  for (let n = 1; n < MAX_WAITING; n += 1) t.strictSame(queue.add(prompt(`g${n}`, 'guidance')), []);
  t.match(queue.add(prompt('smoke', 'hazard')), [{ key: 'g1' }]);
  t.equal(queue.size, MAX_WAITING);
  for (let n = 0; n < 100; n += 1) queue.add(prompt(`h${n}`, 'hazard'));
  t.equal(queue.size, MAX_WAITING);
  t.equal(queue.take(0)?.key, 'alarm.sent');
});

t.test('the same prompt waits once', async (t) => {
  const queue = new PromptQueue();
  queue.add(prompt('object.left', 'hazard'));
  queue.add(prompt('object.left', 'hazard'));
  queue.add(prompt('object.left', 'hazard', { languages: ['ja'] }));
  t.equal(queue.size, 2);
});

t.test('what is not due is left, and its time is known', async (t) => {
  const queue = new PromptQueue();
  queue.add(prompt('alarm.stored', 'alarm', { dueAtMs: 500, repeatEveryMs: 500 }));
  queue.add(prompt('guidance.howto', 'guidance', { dueAtMs: 700 }));
  t.equal(queue.take(499), null);
  t.equal(queue.nextDueMs(499), 500);
  t.equal(queue.nextDueMs(500), 700);
  t.equal(queue.take(500)?.key, 'alarm.stored');
});

t.test('guidance and small talk grow stale; alarms, hazards and what repeats do not', async (t) => {
  const queue = new PromptQueue();
  queue.add(prompt('robot.passing', 'ambient'));
  queue.add(prompt('guidance.howto', 'guidance'));
  queue.add(prompt('guidance.again', 'guidance', { repeatEveryMs: 1000 }));
  queue.add(prompt('smoke', 'hazard'));
  queue.add(prompt('alarm.sent', 'alarm'));
  const order: string[] = [];
  for (let next = queue.take(600_000); next !== null; next = queue.take(600_000)) order.push(next.key);
  t.strictSame(order, ['alarm.sent', 'smoke', 'guidance.again']);
});
