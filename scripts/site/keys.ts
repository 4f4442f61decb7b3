import { join } from 'node:path';
import { emitKeypressEvents } from 'node:readline';
import type { SimRequest } from '#agent/drivers/sim/protocol.ts';
import { WatchpostError } from '#contract/errors.ts';
import { askSim } from '../commands/sim-client.ts';
import type { DemoSiteOptions } from './demo-site.ts';

export const KEY_HELP = 'Keys     p press the button   n link off/on   t tamper   b leave a bag   q quit';

interface Site {
  readonly stop: () => void;
  readonly say: (line: string) => void;
}

/** One key of the terminal does what one or two `sim` commands do. */
export function attachKeys({ dataDir }: DemoSiteOptions, { stop, say }: Site): void {
  const pillar = join(dataDir, 'pillar-001');
  const robot = join(dataDir, 'robot-001');
  let link: 'up' | 'down' = 'up';
  const ask = async (dir: string, request: SimRequest, said: string) => {
    const answer = await askSim(dir, request);
    say(
      answer.ok
        ? `${said}${answer.id === undefined ? '' : ` — event ${answer.id}`}`
        : `${answer.message} ${answer.hint}`,
    );
  };
  const keys: Record<string, () => Promise<void>> = {
    p: async () => {
      await askSim(pillar, { request: 'release' });
      await ask(pillar, { request: 'press' }, 'button pressed');
      await askSim(pillar, { request: 'release' });
    },
    n: async () => {
      link = link === 'up' ? 'down' : 'up';
      await ask(pillar, { request: 'link', state: link }, `link ${link}`);
    },
    t: async () => {
      await askSim(pillar, { request: 'untamper' });
      await ask(pillar, { request: 'tamper' }, 'case opened');
      await ask(pillar, { request: 'untamper' }, 'case closed');
    },
    b: () => ask(robot, { request: 'clip', name: 'bag' }, 'the robot’s camera sees a bag being left'),
    q: async () => stop(),
  };
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  process.stdin.on('keypress', (text: string | undefined, key: { name?: string; ctrl?: boolean }) => {
    if (key.ctrl && (key.name === 'c' || key.name === 'd')) return stop();
    const act = keys[text?.toLowerCase() ?? ''];
    if (act === undefined) return say(KEY_HELP);
    act().catch((error: unknown) => say(error instanceof WatchpostError ? error.message : String(error)));
  });
}
