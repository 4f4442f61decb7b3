import t from 'tap';
import { fieldsOf } from '#scripts/image/json-fields.ts';
import { identityOf, imageConfig, runtimeConfig } from '#scripts/image/oci-config.ts';

const inspected = {
  Docker: {
    config: {
      User: 'watchpost',
      Env: ['PATH=/bin'],
      Entrypoint: ['node', 'main.ts'],
      WorkingDir: '/opt/watchpost',
      Healthcheck: { Test: ['CMD', 'watchpost-healthy'] },
    },
  },
};
const PASSWD = 'root:x:0:0::/root:/bin/sh\nwatchpost:x:10001:10002::/var/lib/watchpost:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\naudio:x:29:other,watchpost\nvideo:x:44:watchpost\ndisk:x:6:watchposts\n';

t.test('an image says how it is started', async (t) => {
  t.strictSame(imageConfig(inspected), {
    user: 'watchpost',
    env: ['PATH=/bin'],
    entrypoint: ['node', 'main.ts'],
    workingDir: '/opt/watchpost',
    healthCheck: ['watchpost-healthy'],
  });
  t.equal(imageConfig({}).user, '');
});

t.test('its user and groups are those of its own lists', async (t) => {
  t.strictSame(identityOf('watchpost', PASSWD, GROUP), { uid: 10001, gid: 10002, additionalGids: [29, 44] });
  t.throws(() => identityOf('', PASSWD, GROUP), { code: 'WP5064' });
});

t.test('a trial is as bare as Docker would make it', async (t) => {
  const config = runtimeConfig({
    config: imageConfig(inspected),
    identity: identityOf('watchpost', PASSWD, GROUP),
    ...{ rootDir: '/r', dataDir: '/d', args: ['--site', 'demo'], env: ['A=b'] },
  });
  const { root, process: started, mounts } = fieldsOf(config);
  t.strictSame(root, { path: '/r', readonly: true });
  const { user, capabilities, noNewPrivileges, args, env } = fieldsOf(started);
  t.match(user, { uid: 10001, additionalGids: [29, 44] });
  for (const rights of Object.values(fieldsOf(capabilities))) t.strictSame(rights, []);
  t.equal(noNewPrivileges, true);
  t.match(args, ['/bin/sh', '-c', /kill -TERM/, 'init', 'node', 'main.ts', '--site', 'demo']);
  t.strictSame(env, ['PATH=/bin', 'A=b']);
  t.match(mounts, [{}, {}, {}, { destination: '/var/lib/watchpost', source: '/d' }]);
});
