import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ALIVE_WITHIN_MS } from '#contract/alive-file.ts';
import { MOST_BYTES } from '#scripts/image/check-contents.ts';
import { NOT_IN_IMAGE, PACKAGES } from '#scripts/image/system-parts.ts';
import { nodeFlags, ROOT } from '#scripts/site/demo-site.ts';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Instructions with their continued lines joined, without comments. */
function instructionsOf(text: string): Instruction[] {
  const joined = text.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
}

const all = instructionsOf(read('Dockerfile.arm64'));
const of = (name: string) => all.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
/** What belongs to the image itself: from the last FROM on. */
const last = all.slice(all.map(({ name }) => name).lastIndexOf('FROM'));
const own = (name: string) => last.filter((each) => each.name === name).map(({ rest }) => rest);
const list = (text: string | undefined): string[] => JSON.parse(text ?? '[]');

t.test('every base names its version, and nothing is fetched by address', async (t) => {
  const defaults = new Map(
    of('ARG').map((rest) => [rest.split('=')[0] ?? '', rest.split('=').slice(1).join('=')]),
  );
  const stages = new Set<string>();
  for (const rest of of('FROM')) {
    const [image = '', , stage = ''] = rest.replace(/^--platform=\S+ /, '').split(' ');
    let name = image;
    while (name.startsWith('$')) name = defaults.get(name.replaceAll(/[${}]/g, '')) ?? '';
    t.ok(
      stages.has(name) || name === 'scratch' || /:24\.\d+\.\d+-bookworm-slim$/.test(name),
      `FROM ${image}: ${name}`,
    );
    stages.add(stage);
  }
  t.strictSame(of('ADD'), []);
  t.notMatch(of('RUN').join('\n'), /curl|wget|https?:/);
});

t.test('what is copied from the project exists, and is let through to the machine that builds', async (t) => {
  const let_through = read('.dockerignore')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const sources = of('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  t.ok(sources.length >= 6);
  for (const source of sources) {
    t.ok(existsSync(join(ROOT, source)), source);
    t.ok(
      let_through.some((path) => source === path || source.startsWith(`${path}/`)),
      source,
    );
  }
  for (const kept of ['var', 'node_modules', 'test', '.git']) t.notOk(let_through.includes(kept));
});

t.test('it runs as a user of its own, looked after by a health check that starts no Node', async (t) => {
  t.strictSame(own('USER'), ['watchpost']);
  const [check = ''] = own('HEALTHCHECK');
  t.match(
    check,
    /--interval=\d+s --timeout=\d+s --start-period=\d+s --retries=\d+ CMD \["watchpost-healthy"\]/,
  );
  t.match(of('COPY').join('\n'), 'scripts/image/healthy.sh /usr/local/bin/watchpost-healthy');
  const withinS = Number(/WATCHPOST_ALIVE_WITHIN_S:-(\d+)/.exec(read('scripts/image/healthy.sh'))?.[1]);
  t.ok(withinS * 1000 > ALIVE_WITHIN_MS, 'it gives the agent the time that the agent takes');
  t.match(of('ENV').join(' '), 'WATCHPOST_ALIVE_FILE=/tmp/watchpost-alive');
});

t.test('the agent is started as scripts/watchpost starts it', async (t) => {
  const [node, ...args] = list(own('ENTRYPOINT')[0]);
  t.equal(node, 'node');
  const flags = nodeFlags('agent').map((flag) => flag.replace(ROOT, '/opt/watchpost/'));
  t.strictSame(args.slice(0, flags.length), flags);
  t.strictSame(args.slice(flags.length), [
    ...['/opt/watchpost/agent/main.ts', '--profile', '/var/lib/watchpost/profile.json'],
    ...['--data', '/var/lib/watchpost'],
  ]);
  t.match(of('ENV').join(' '), 'MALLOC_ARENA_MAX=1');
  t.match(read('scripts/watchpost'), 'export MALLOC_ARENA_MAX=1');
  const warmed = of('RUN').find((rest) => rest.includes('warm.ts agent')) ?? '';
  for (const flag of flags) t.ok(warmed.includes(flag), `compiled with ${flag}, as V8 wants it`);
});

t.test('what set-up installs to run a site is in the image, or it is said why not', async (t) => {
  const [, listed = ''] = /RUN_PACKAGES=\(([^)]*)\)/.exec(read('scripts/setup.sh')) ?? [];
  const installed = listed.split(/\s+/).filter((name) => name !== '');
  const brought: readonly string[] = PACKAGES;
  for (const name of installed)
    t.ok(brought.includes(name) !== (NOT_IN_IMAGE[name] !== undefined), `${name}: in one of the two lists`);
  for (const name of Object.keys(NOT_IN_IMAGE)) t.ok(installed.includes(name), `${name} is still installed`);
});

t.test('the bound and the way to start it stand in the page about it', async (t) => {
  const page = read('docs/image.md');
  t.match(page, `${MOST_BYTES / 1e6} MB`);
  for (const option of [
    '--init',
    '--read-only',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--tmpfs /tmp',
    '--restart',
    '--device',
  ])
    t.ok(page.includes(option), option);
  for (const name of of('ARG').map((rest) => rest.split('=')[0] ?? ''))
    t.ok(page.includes(name), `build argument ${name}`);
});
