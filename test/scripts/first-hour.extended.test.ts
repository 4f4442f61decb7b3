import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { firstHour } from '#scripts/session/first-hour.ts';
import { commandsOf } from '#scripts/session/page.ts';
import { Screen } from '#scripts/session/screen.ts';
import { SIZE } from '#scripts/session/shell.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const NO_NETWORK =
  spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0
    ? false
    : 'networks of their own are not allowed here';
/** What a technician has for it. */
const MOST_S = 300;

t.test(
  'the commands of the README lead from nothing to a certificate that holds',
  { skip: NO_NETWORK },
  async (t) => {
    const commands = commandsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    t.ok(commands.length > 0 && commands.length <= 6, `${commands.length} commands`);
    const verified: ReturnType<typeof verify>[] = [];
    const { printed, seconds } = await firstHour(commands, async (folder) => {
      verified.push(verify(folder));
    });
    const screen = new Screen(SIZE.columns);
    for (const { text } of printed) screen.write(text);
    t.match(screen.text, /PASSED: (\d+) of \1 steps passed/);
    t.match(verified[0], { status: 0 }, String(verified[0]?.stdout));
    t.notMatch(screen.text, /WP\d{4}/, 'nothing was refused on the way');
    t.ok(seconds < MOST_S, `${seconds.toFixed(0)} s`);
  },
);

function verify(folder: string) {
  const command = 'node "$0"/scripts/cli.ts commission verify var/mall/commissioning/*.json --site var/mall';
  return spawnSync('sh', ['-c', command, ROOT], { cwd: folder, encoding: 'utf8' });
}
