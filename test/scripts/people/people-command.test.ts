import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { NewTokenItem, PersonItem } from '#contract/http.ts';
import { readNewPassword } from '#scripts/people/secret-input.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const CLI = fileURLToPath(new URL('../../../scripts/cli.ts', import.meta.url));
const PASSWORD = 'seven quiet lanterns';

async function siteWithCommands(t: Test) {
  const folder = temporaryFolder(t);
  const broker = await startBroker(t, folder);
  const run = async (args: readonly string[], input = '') => {
    const child = spawn(process.execPath, [CLI, ...args, '--data', folder]);
    child.stdin.end(input);
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => error.push(chunk));
    await once(child, 'close');
    return {
      code: child.exitCode,
      out: Buffer.concat(out).toString(),
      error: Buffer.concat(error).toString(),
    };
  };
  const signIn = async (name: string, password: string) => {
    const answer = await fetch(`${broker.http}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });
    return answer.status;
  };
  return { broker, run, signIn };
}

t.test('the first supervisor comes in by the admin of the machine; passwords come by a pipe', async (t) => {
  const { run, signIn, broker } = await siteWithCommands(t);
  const added = await run(
    ['people', 'add', 'supervisor-1', '--role', 'supervisor', '--json'],
    `${PASSWORD}\n`,
  );
  t.match(PersonItem.parse(JSON.parse(added.out)), { name: 'supervisor-1', createdBy: 'admin' });
  t.equal(await signIn('supervisor-1', PASSWORD), 200);
  t.match(await run(['people', 'list']), { code: 0, out: 'supervisor-1  supervisor\n' });
  t.match(await run(['people', 'disable', 'supervisor-1']), { code: 0, out: /disabled/ });
  t.equal(await signIn('supervisor-1', PASSWORD), 401);
  t.match(await run(['people', 'enable', 'supervisor-1']), { code: 0 });
  t.match(await run(['people', 'password', 'supervisor-1'], 'nine louder lanterns'), { code: 0 });
  t.equal(await signIn('supervisor-1', 'nine louder lanterns'), 200);
  t.match(await run(['people', 'role', 'supervisor-1', 'auditor']), { out: 'supervisor-1  auditor\n' });
  const made = await run([
    ...[
      'token',
      'create',
      '--person',
      'supervisor-1',
      '--label',
      'wall',
      '--scope',
      'read,audit',
      '--days',
      '3',
    ],
    '--json',
  ]);
  const { token, id } = NewTokenItem.parse(JSON.parse(made.out));
  const headers = { authorization: `Bearer ${token}` };
  t.equal((await fetch(`${broker.http}/api/v1/audit`, { headers })).status, 200);
  const listed = await run(['token', 'list']);
  t.match(listed.out, new RegExp(`${id}  supervisor-1  wall  read,audit  until .*, used `));
  t.notMatch(listed.out, token);
  t.match(await run(['token', 'revoke', id]), { code: 0 });
  t.equal((await fetch(`${broker.http}/api/v1/audit`, { headers })).status, 401);
  t.match(await run(['people', 'remove', 'supervisor-1']), { code: 0, out: 'removed supervisor-1\n' });
});

t.test('what is refused is said with its code; wrong use exits 2', async (t) => {
  const { run, broker } = await siteWithCommands(t);
  t.match(await run(['people', 'add', 'desk-1', '--role', 'dispatcher'], 'short\n'), {
    code: 1,
    error: /WP3359/,
  });
  t.match(await run(['people', 'add', 'desk-1', '--role', 'dispatcher'], ''), { code: 1, error: /WP5035/ });
  t.match(await run(['people', 'add', 'desk-1', '--role', 'boss'], PASSWORD), { code: 2 });
  t.match(await run(['people', 'disable', 'desk-1']), { code: 1, error: /WP3358/ });
  t.match(await run(['token', 'create', '--person', 'x', '--label', 'x', '--scope', 'fly']), { code: 2 });
  await broker.stop();
  t.match(await run(['people', 'list']), { code: 1, error: /WP3607/ });
});

t.test('on a terminal it is asked for twice, corrected while typing, and never shown', async (t) => {
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => modes.push(mode),
  });
  const output = new PassThrough();
  const modes: boolean[] = [];
  const type = (text: string) => input.write(text);
  const asked = readNewPassword('desk-1', { input, output });
  type('seven quiex\x7ft lanterns\r');
  type('seven quiet lanterns\r');
  t.equal(await asked, PASSWORD);
  t.same(modes, [true, false, true, false]);
  t.equal(String(output.read()), 'Password for desk-1: \nOnce more: \n');
  const differing = readNewPassword('desk-1', { input, output });
  type('one\rtwo\r');
  await t.rejects(differing, { code: 'WP5036' });
  const given = readNewPassword('desk-1', { input, output });
  type('one\x03');
  await t.rejects(given, { code: 'WP5035' });
  t.equal(modes.at(-1), false, 'the terminal is as it was');
});

const SCRIPT = '/usr/bin/script';
t.test(
  'a real terminal shows nothing of it',
  { skip: existsSync(SCRIPT) ? false : `no ${SCRIPT}` },
  async (t) => {
    const program = `import { readNewPassword } from '#scripts/people/secret-input.ts';
    const got = await readNewPassword('desk-1', { input: process.stdin, output: process.stderr });
    process.stdout.write('got ' + got.length + ' characters');`;
    const command = `${process.execPath} --input-type=module -e "${program.replaceAll('\n', ' ')}"`;
    const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (/(for desk-1|Once more): $/.test(shown)) child.stdin.write(`${PASSWORD}\r`);
    });
    await once(child, 'close');
    t.match(shown, /got 20 characters/);
    t.notMatch(shown, /lantern/);
  },
);
