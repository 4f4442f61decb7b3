import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../site/demo-site.ts';
import { PROMPT, type Printed, Shell } from './shell.ts';

/** What a technician types, and what waits for an answer then. */
export const COMMANDS = [
  'scripts/watchpost site init mall --data var/mall --host localhost',
  'scripts/watchpost broker --data var/mall/broker --mqtts 127.0.0.1:8883 --http 127.0.0.1:8080 2>var/broker.log &',
  "scripts/watchpost provision pillar-001 --site var/mall --profile device-profiles/pillars/roadside.yaml --place 'Riverside Road, km 3' --to var/card",
  'scripts/watchpost flash var/mall/bundles/pillar-001-1.wpb --to var/card',
  'scripts/watchpost agent --card var/card 2>var/agent.log &',
  "scripts/watchpost commission pillar-001 --site var/mall --sim var/card --by 'A. Technician'",
] as const;

const PASSPHRASE = 'four quiet lanterns at sea';
const CONSENT = 'Write generation';
const QUESTIONS = ['Password for', 'Once more', CONSENT] as const;
/** A network of its own, so that the ports of the page are free; without root, as root of a namespace of users. */
const NETWORK = [
  ...(process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--map-root-user', '--net']),
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
];

export interface Session {
  readonly printed: readonly Printed[];
  readonly seconds: number;
}

/**
 * Types the commands, one after another, in a folder that looks like a fresh clone, and answers what was seen.
 * @param look - what is to be looked at before all is taken away again
 */
export async function firstHour(
  commands: readonly string[],
  look: (folder: string) => Promise<void> = async () => undefined,
): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-first-'));
  for (const name of ['scripts', 'device-profiles']) symlinkSync(join(ROOT, name), join(folder, name));
  const shell = await Shell.start(folder, join(folder, '.settings'), NETWORK);
  try {
    const startMs = performance.now();
    for (const command of commands) await enter(shell, command);
    const seconds = (performance.now() - startMs) / 1000;
    await look(folder);
    return { printed: cleaned(shell.printed, folder), seconds };
  } finally {
    await shell.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function enter(shell: Shell, command: string): Promise<void> {
  shell.type(command);
  if (command.endsWith('&')) {
    await shell.waitFor('"ready":true');
    await shell.waitFor('\n');
    // For a prompt on a line of its own.
    shell.type('');
    await shell.waitFor(`\n${PROMPT}`);
    return;
  }
  // A question is drawn again with its answer: each is answered once.
  const asked = new Set<string>();
  for (;;) {
    const questions = QUESTIONS.filter((question) => !asked.has(question));
    const came = await shell.waitFor(...questions, `\n${PROMPT}`);
    if (came === `\n${PROMPT}`) return;
    asked.add(came);
    if (came === CONSENT) shell.press('y');
    else {
      await shell.waitFor(': ');
      shell.type(PASSPHRASE);
    }
  }
}

const TOKEN = /wpt_[\w-]+/g;

/** Without the token of the first person, and as seen from the folder. */
const cleaned = (printed: readonly Printed[], folder: string): Printed[] =>
  printed.map(({ atS, text }) => ({
    atS,
    text: text
      .replaceAll(`${folder}/`, '')
      .replaceAll(TOKEN, (token) => `wpt_${'•'.repeat(token.length - 4)}`),
  }));
