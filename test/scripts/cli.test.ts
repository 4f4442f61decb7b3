import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const cli = fileURLToPath(new URL('../../scripts/cli.ts', import.meta.url));

t.test('a command whose reader has gone ends without a word', async (t) => {
  const child = spawn(process.execPath, [cli, 'profile', 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const errors = child.stderr.setEncoding('utf8').toArray();
  const [code] = await once(child, 'exit');
  t.equal(code, 141);
  t.strictSame(await errors, []);
});

t.test('an option behind an inner command is the inner command’s', async (t) => {
  const child = spawn(process.execPath, [cli, 'commission', 'verify', cli, '--site', '/nonexistent']);
  const said = await child.stderr.setEncoding('utf8').toArray();
  t.match(said.join(''), /^WP4\d\d\d /);
});

t.test(
  'an option of the outer command alone may stand behind the inner one, as in sim press --json',
  async (t) => {
    const child = spawn(process.execPath, [cli, 'sim', '--data', '/nonexistent', 'press', '--json']);
    const said = await child.stderr.setEncoding('utf8').toArray();
    t.match(said.join(''), /^WP2315 /);
  },
);
