import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { isRecord } from './record.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function support(...args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['scripts/cli.ts', 'support', ...args], {
      cwd: ROOT,
      timeout: 60_000,
    });
    return { code: 0, out: stdout, error: stderr };
  } catch (cause) {
    if (!isRecord(cause)) throw cause;
    return { code: Number(cause.code), out: String(cause.stdout), error: String(cause.stderr) };
  }
}

const pem = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;
const pemLine = (at: number): string => pem.split('\n')[at] ?? '';
const hex = randomBytes(32).toString('hex');
const base64 = randomBytes(36).toString('base64');
const siteToken = `wp_${randomBytes(18).toString('base64url')}`;

/** What must not come out, by how it is hidden in the folder. */
const SECRETS: Readonly<Record<string, string>> = {
  'password in an address': 'hunter2secret',
  'password with signs in an address': 'p@ss/word9',
  'password in a field': 'opensesame1',
  'password in a field, in another file': 'crossfile77',
  'number under a secret name': '48151623',
  'bearer token': 'abc.def-ghi',
  'cookie, second value': 'sessionvalue2',
  'JSON web token': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
  'token of the site': siteToken,
  'private key, first line': pemLine(1),
  'private key, last line': pemLine(3),
  'key as hexadecimal digits': hex,
  'key in base64': base64,
  'query of an address': 'querytoken5',
  'option of a command': 'cliToken77',
  'sentence of a log': 'correcthorse',
  'wireless key': 'wlanpsk123',
  'mobile number': '13812345678',
  'mobile number in a number': '13987654321',
  'number with a country': '4915112345678',
  'fixed line': '021-58881234',
  IMEI: '356938035643809',
  'card of a SIM': '8986012345678901234',
  'mail address': 'li.wei@example.org',
  'AWS key': 'AKIAIOSFODNN7EXAMPLE',
  'half of JSON': 'halfjsonpw',
  'escaped JSON': 'escapedpw99',
};

function plant(t: { testdir(): string }): string {
  const dir = join(t.testdir(), 'device');
  mkdirSync(dir);
  const s = (name: string): string => SECRETS[name] ?? '';
  const line = (fields: object) => `${JSON.stringify({ level: 30, time: 1795362778057, ...fields })}\n`;
  const log = [
    line({
      msg: 'link.state',
      url: `rtsp://admin:${s('password in an address')}@10.0.0.9/live`,
      state: 'up',
    }),
    line({ source: `rtsp://u:${s('password with signs in an address')}@cam/1` }),
    line({ deep: [{ password: s('password in a field') }], nested: `again ${s('password in a field')}` }),
    line({ secretCode: Number(s('number under a secret name')) }),
    line({ err: { message: `401 for Authorization: Bearer ${s('bearer token')}` } }),
    `Cookie: a=first; sid=${s('cookie, second value')}\n`,
    line({ detail: s('JSON web token') }),
    line({ detail: `used ${s('token of the site')} twice` }),
    `something printed\n${pem}`,
    line({ pem: pem }),
    line({ detail: s('key as hexadecimal digits') }),
    line({ detail: s('key in base64') }),
    `GET /api?x=1&access_token=${s('query of an address')}&y=2 failed\n`,
    `spawn tool --api-key ${s('option of a command')} --verbose\n`,
    `the password is ${s('sentence of a log')}, try it\n`,
    `wpa_supplicant: psk="${s('wireless key')}"\n`,
    line({ detail: `sms to ${s('mobile number')} failed`, callee: Number(s('mobile number in a number')) }),
    line({ detail: `call +${s('number with a country')} or ${s('fixed line')}` }),
    line({ modem: { imei: s('IMEI') }, detail: `iccid ${s('card of a SIM')}` }),
    line({ detail: `mail ${s('mail address')} and ${s('AWS key')}` }),
    line({ detail: JSON.stringify({ password: s('escaped JSON') }) }),
    line({ note: `seen: ${s('password in a field, in another file')}` }),
    `{"level":30,"password":"${s('half of JSON')}","cut`,
  ];
  writeFileSync(join(dir, 'agent.log'), log.join(''));
  writeFileSync(
    join(dir, 'profile.json'),
    JSON.stringify({ modem: { password: s('password in a field, in another file') }, languages: ['en'] }),
  );
  writeFileSync(join(dir, 'starts.json'), '{"version":1,"starts":3}');
  writeFileSync(join(dir, 'admin.token'), `${siteToken}\n`);
  writeFileSync(join(dir, 'key.pem'), pem);
  writeFileSync(join(dir, 'spoken.wav'), 'RIFFsound');
  mkdirSync(join(dir, 'evidence'));
  writeFileSync(join(dir, 'evidence/pic'), 'PICTURE');
  writeFileSync(join(dir, '..', 'elsewhere'), 'ELSEWHERE');
  symlinkSync('../elsewhere', join(dir, 'broker.log'));
  return dir;
}

t.test('none of the secrets in a device’s folder reaches the archive, and what is of use does', async (t) => {
  const dir = plant(t);
  const file = join(dir, '..', 'out.tar.gz');
  const { code, out } = await support('--data', dir, '--out', file, '--yes');
  t.equal(code, 0);
  t.equal(statSync(file).mode & 0o777, 0o600);
  const into = join(dir, '..', 'unpacked');
  mkdirSync(into);
  execFileSync('tar', ['-xzf', file, '-C', into]);
  const names = readdirSync(join(into, 'watchpost-support'));
  t.same(names.sort(), [
    'about.json',
    'agent.log',
    'doctor.jsonl',
    'health.jsonl',
    'profile.json',
    'queues.json',
    'starts.json',
  ]);
  const all = names.map((name) => readFileSync(join(into, 'watchpost-support', name), 'utf8')).join('\n');
  t.ok(Object.keys(SECRETS).length >= 20);
  for (const [how, secret] of Object.entries(SECRETS)) t.notOk(all.includes(secret), how);
  for (const word of ['RIFFsound', 'PICTURE', 'ELSEWHERE']) t.notOk(all.includes(word), word);
  for (const word of ['link.state', '10.0.0.9/live', '1795362778057', '"starts": 3', '"en"'])
    t.ok(all.includes(word), word);
  for (const [name, reason] of [
    ['admin.token', 'keys and tokens'],
    ['key.pem', 'keys and tokens'],
    ['spoken.wav', 'sound is never sent'],
    ['evidence/', 'pictures are never sent'],
    ['broker.log', 'a link is not followed'],
  ])
    t.match(out, new RegExp(`${name} +${reason}`));
  t.match(out, /agent\.log .* left out of it/);
});

t.test('nothing is written before it was shown and agreed to', async (t) => {
  const dir = plant(t);
  const file = join(dir, '..', 'out.tar.gz');
  const shown = await support('--data', dir);
  t.match(shown, { code: 0, out: /agent\.log/ });
  const unasked = await support('--data', dir, '--out', file);
  t.match(unasked, { code: 2, out: /agent\.log/, error: /WP5024.*--yes/ });
  t.notOk(existsSync(file));
  t.match(await support('--data', dir, '--show', 'starts.json'), { code: 0, out: /"starts": 3/ });
  t.match(await support('--data', dir, '--show', 'nothing'), { code: 1, error: /WP4781/ });
});

t.test('a file that exists is kept, a link is not followed, and a folder that is none is told', async (t) => {
  const dir = plant(t);
  const file = join(dir, '..', 'there.tar.gz');
  writeFileSync(file, 'mine');
  t.match(await support('--data', dir, '--out', file, '--yes'), { code: 1, error: /WP4780/ });
  t.equal(readFileSync(file, 'utf8'), 'mine');
  const link = join(dir, '..', 'link.tar.gz');
  symlinkSync('target', link);
  t.match(await support('--data', dir, '--out', link, '--yes'), { code: 1, error: /WP4780/ });
  t.notOk(existsSync(join(dir, '..', 'target')));
  t.match(await support('--data', join(dir, 'none')), { code: 1, error: /WP4727/ });
});
