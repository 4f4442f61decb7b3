import t from 'tap';
import { judgeKilledRound } from './killed-round.ts';

t.test(
  'what was there when it came, and a process killed at each report, after it is said: told once, and its end once',
  async (t) => {
    judgeKilledRound(t, 8, 'after it is said');
  },
);

t.test(
  'what was put down while it looked, and a process killed at each report, before it is said: told once, and its end once',
  async (t) => {
    judgeKilledRound(t, 9, 'before it is said');
  },
);
