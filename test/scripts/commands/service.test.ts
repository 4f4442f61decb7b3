import t from 'tap';
import { runCli } from '#scripts/cli.ts';

/** Where a service can see them, wherever this is run. */
const INSTALLED = ['--program-dir', '/opt/watchpost', '--node', '/usr/bin/node'];

t.test('what follows the name of the program are its own options, wherever they stand', async (t) => {
  const { write } = process.stderr;
  let told = '';
  t.teardown(() => {
    process.stderr.write = write;
  });
  process.stderr.write = (text: string | Uint8Array) => {
    told += String(text);
    return true;
  };
  const broker = [
    'broker',
    '--data',
    '/home/site',
    '--mqtt',
    '127.0.0.1:1883',
    '--http',
    '127.0.0.1:8080',
    '--dev',
  ];
  const status = await runCli(['service', 'install', ...INSTALLED, ...broker]);
  process.stderr.write = write;
  t.equal(status, 1);
  t.match(told, /WP5082 .*\/home\/site/, 'the broker’s --data was read, and refused for what it is');
});
