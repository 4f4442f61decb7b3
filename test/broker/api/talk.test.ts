import { createHash } from 'node:crypto';
import t from 'tap';
import { Command } from '#contract/messages.ts';
import { TALK_EXPIRES_S, TALK_PIECE_BYTES } from '#contract/talk.ts';
import { toneWav } from '#test/agent/drivers/audio/sounds.ts';
import { apiSide, TOKENS } from '../support/api.ts';
import { PILLAR, type Teardown } from '../support/desk.ts';

const PATH = 'devices/mall.pillar-001/talk';
const RATE = 16_000;
const HEADER_BYTES = 44;
const wav = toneWav(1000, 2000, RATE);

/** A connected pillar that takes every piece and answers every command. */
async function answering(t: Teardown) {
  const side = await apiSide(t);
  const { clock, db, devices, messenger, commands, url } = side;
  devices.put({ ...PILLAR, state: { online: true, boot: 3, conn: 1, bootId: 'b1' } });
  messenger.connected.add('mall.pillar-001');
  const pieces: { topic: string; bytes: Buffer }[] = [];
  messenger.onDeliver = async (content) => {
    pieces.push(content);
  };
  messenger.onPublish = ({ message }) => {
    const { id, name } = Command.parse(message);
    const at = new Date(clock.wallMs()).toISOString();
    void db.commit(() => commands.replied(PILLAR, { id, name, ok: true, at }));
  };
  const talk = async (
    body: Buffer | string,
    {
      as = 'dispatcher',
      type = 'audio/wav',
      path = PATH,
    }: Partial<Record<'type' | 'path', string>> & {
      as?: keyof typeof TOKENS;
    } = {},
  ) => {
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKENS[as]}`, 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    return { status: answer.status, json: await answer.json() };
  };
  return { ...side, pieces, talk };
}

t.test('what is said goes to the device in pieces, and then the command to speak it', async (t) => {
  const { talk, pieces, messenger } = await answering(t);
  const answer = await talk(wav);
  const samples = wav.subarray(HEADER_BYTES);
  t.match(answer, { status: 200, json: { name: 'talk', who: 'desk-1', reply: { ok: true } } });
  t.strictSame(Buffer.concat(pieces.map(({ bytes }) => bytes)), samples);
  t.ok(pieces.every(({ bytes }) => bytes.length <= TALK_PIECE_BYTES));
  const [sent] = messenger.sent;
  const { args, issuedAt, expiresAt } = Command.parse(sent?.message);
  t.match(args, { bytes: samples.length, sha256: createHash('sha256').update(samples).digest('hex') });
  for (const [n, { topic }] of pieces.entries())
    t.equal(topic, `wp/1/mall/pillar-001/down/blob/${String(args.blob)}/${n}`);
  t.equal(Date.parse(expiresAt) - Date.parse(issuedAt), TALK_EXPIRES_S * 1000);
});

t.test('who spoke through which device stands in the audit, what was said does not', async (t) => {
  const { talk, call, db } = await answering(t);
  await talk(wav);
  const { json } = await call('audit');
  t.match(json, { items: [{ action: 'command.replied' }, { who: 'desk-1', action: 'command.issued' }] });
  const sample = wav.subarray(HEADER_BYTES + 2000, HEADER_BYTES + 2064);
  t.notOk(db.sql.serialize().includes(sample));
});

t.test('what recorders write beside the samples goes nowhere', async (t) => {
  const { talk, pieces } = await answering(t);
  const list = Buffer.from('LIST\x0a\0\0\0Ada’s', 'latin1');
  const named = Buffer.concat([
    wav.subarray(0, 36),
    list,
    Buffer.alloc(10 - (list.length - 8)),
    wav.subarray(36),
  ]);
  t.equal((await talk(named)).status, 200);
  t.strictSame(Buffer.concat(pieces.map(({ bytes }) => bytes)), wav.subarray(HEADER_BYTES));
});

t.test('what devices do not play is refused with what is wrong, and nothing is sent', async (t) => {
  const { talk, pieces, messenger } = await answering(t);
  const cases: [Buffer | string, object, number, string, RegExp][] = [
    [toneWav(1000, 2000, 22_050), {}, 400, 'WP7100', /22050 samples/],
    [toneWav(1000, 100, RATE), {}, 400, 'WP7100', /0\.1 s/],
    [toneWav(1000, 20_100, RATE), {}, 400, 'WP7100', /20\.1 s/],
    [Buffer.from('ID3 no wave'), {}, 400, 'WP7100', /RIFF/],

    ['{}', { type: 'application/json' }, 400, 'WP7100', /audio\/wav/],
    [wav, { path: 'devices/mall.none/talk' }, 404, 'WP3404', /none/],
  ];
  for (const [body, options, status, code, detail] of cases) {
    const answer = await talk(body, options);
    t.match(answer, { status, json: { code, detail } }, code);
  }
  t.match(await talk(Buffer.alloc(700_000)), { status: 413, json: { code: 'WP3402' } });
  t.strictSame([pieces, messenger.sent], [[], []]);
});

t.test('auditors do not speak through devices', async (t) => {
  const { talk, pieces } = await answering(t);
  t.match(await talk(wav, { as: 'auditor' }), { status: 403, json: { code: 'WP3353' } });
  t.equal(pieces.length, 0);
});

/** Each piece is on its way from `began` on, and arrives when `going` is resolved. */
function heldUp(
  messenger: Awaited<ReturnType<typeof answering>>['messenger'],
  pieces: Awaited<ReturnType<typeof answering>>['pieces'],
) {
  const began = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  messenger.onDeliver = async (content) => {
    pieces.push(content);
    began.resolve();
    await going.promise;
  };
  return { began, going };
}

t.test('two people do not speak through one device at a time', async (t) => {
  const { talk, messenger, pieces } = await answering(t);
  const { began, going } = heldUp(messenger, pieces);
  const first = talk(wav);
  await began.promise;
  t.match(await talk(wav), { status: 409, json: { code: 'WP7101' } });
  going.resolve();
  t.equal((await first).status, 200);
  t.equal((await talk(wav)).status, 200, 'afterwards again');
});

t.test('a message that a slow link brings too late is not spoken', async (t) => {
  const { talk, messenger, pieces, clock } = await answering(t);
  const { began, going } = heldUp(messenger, pieces);
  const talking = talk(wav);
  await began.promise;
  await clock.advance(TALK_EXPIRES_S * 1000);
  t.match(await talking, { status: 504, json: { code: 'WP7103' } });
  going.resolve();
  t.strictSame(messenger.sent, [], 'no command');
  t.equal(pieces.length, 1, 'and no more pieces');
});

t.test('a message to a device that is away, or goes, is refused', async (t) => {
  const { talk, messenger } = await answering(t);
  messenger.onDeliver = async () => {
    throw new TypeError('the line went dead');
  };
  t.equal((await talk(wav)).status, 500);
  messenger.connected.clear();
  t.match(await talk(wav), { status: 409, json: { code: 'WP3405' } });
});
