import { WatchpostError } from '#contract/errors.ts';
import { fieldsOf, textsOf } from './json-fields.ts';

/** Of the image's configuration what says how it is started (OCI image spec, config.md). */
export interface ImageConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly workingDir: string;
  readonly healthCheck: readonly string[];
}

/** @param inspected what `buildah inspect --type image` prints */
export function imageConfig(inspected: unknown): ImageConfig {
  const docker = fieldsOf(fieldsOf(inspected).Docker);
  const config = fieldsOf(docker.config);
  const [, ...healthCheck] = textList(fieldsOf(config.Healthcheck).Test);
  return {
    user: textsOf(config).User ?? '',
    env: textList(config.Env),
    entrypoint: textList(config.Entrypoint),
    workingDir: textsOf(config).WorkingDir ?? '/',
    healthCheck,
  };
}

const textList = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/**
 * Whom a container runs as, by the image's own /etc/passwd and /etc/group, as Docker looks it up.
 * @throws WatchpostError WP5064 for a name that is not there
 */
export function identityOf(user: string, passwd: string, group: string): Identity {
  const entry = lines(passwd).find(([name]) => name === user);
  if (entry === undefined) throw new WatchpostError('WP5064', { detail: `the image has no user "${user}"` });
  const [, , uid, gid] = entry;
  return {
    uid: Number(uid),
    gid: Number(gid),
    additionalGids: lines(group)
      .filter(([, , , members = '']) => members.split(',').includes(user))
      .map(([, , id]) => Number(id)),
  };
}

const lines = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));

export interface Trial {
  readonly config: ImageConfig;
  readonly identity: Identity;
  readonly rootDir: string;
  readonly dataDir: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
}

/**
 * What runc is told (OCI runtime spec), as Docker would from
 * `docker run --init --read-only --cap-drop=ALL --security-opt=no-new-privileges --network=host --tmpfs /tmp -v …`:
 * a root that cannot be written, no capability, no way to gain one. `--init` is a shell here.
 */
export function runtimeConfig({ config, identity, rootDir, dataDir, args, env }: Trial): object {
  const none: string[] = [];
  const program = [...config.entrypoint, ...args];
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: identity,
      args: ['/bin/sh', '-c', INIT, 'init', ...program],
      env: [...config.env, ...env],
      cwd: config.workingDir,
      capabilities: { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none },
      noNewPrivileges: true,
    },
    root: { path: rootDir, readonly: true },
    hostname: 'device',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      tmpfs('/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
      tmpfs('/tmp', ['nosuid', 'nodev', 'mode=1777', 'size=64m']),
      {
        destination: '/var/lib/watchpost',
        type: 'bind',
        source: dataDir,
        options: ['rbind', 'rw', 'nosuid', 'nodev'],
      },
    ],
    linux: { namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })) },
  };
}

/** Hands SIGTERM on, as tini does; ends as the program does. */
const INIT = `"$@" & child=$!
trap 'kill -TERM $child' TERM
wait $child; code=$?
if kill -0 $child 2>/dev/null; then wait $child; code=$?; fi
exit $code`;

const tmpfs = (destination: string, options: readonly string[]) => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['noexec', ...options],
});
