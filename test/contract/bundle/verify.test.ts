import t from 'tap';
import { encodeHead, HEAD_BYTES, readerOf } from '#contract/bundle/layout.ts';
import type { Expectations } from '#contract/bundle/verify.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { encodeBundle } from '#scripts/bundle/make.ts';
import { newSigner } from '#scripts/bundle/signer.ts';
import {
  bundleOf,
  CONTENT,
  DAY_MS,
  expectations,
  firstChain,
  forged,
  type Made,
  NOW_MS,
  newKeys,
  refusalOf,
  trustOf,
} from './kit.ts';

const keys = newKeys();
const [one, two, three] = keys.targets;
const chain = firstChain(keys);
const good: Made = { chain, signers: [one, two] };

async function codeOf(bytes: Uint8Array, more: Partial<Expectations> = {}): Promise<string | null> {
  return (await refusalOf(bytes, expectations(chain, more)))?.code ?? null;
}

t.test(
  'a bundle that enough keys have signed is taken, and its parts come out as they went in',
  async (t) => {
    const bundle = await verifyBundle(readerOf(bundleOf(good)), expectations(chain));
    t.equal(bundle.manifest.generation, 7);
    t.equal(bundle.manifest.device, 'mall.pillar-001');
    t.same(bundle.reports, []);
    for (const part of bundle.manifest.parts) {
      t.same(await whole(bundle.read(part)), CONTENT.get(part.name));
    }
  },
);

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read);
}

t.test('whoever signs, and in whichever order, the content has one name', async (t) => {
  const digests = await Promise.all(
    [
      [one, two],
      [two, one],
      [three, two],
      [one, two, three],
    ].map(async (signers) => {
      const bundle = await verifyBundle(readerOf(bundleOf({ chain, signers })), expectations(chain));
      return bundle.manifest.digest;
    }),
  );
  t.equal(new Set(digests).size, 1);
});

t.test('one of two keys is too few', async (t) => {
  t.equal(await codeOf(bundleOf({ ...good, signers: [one] })), 'WP4102');
  t.equal(await codeOf(bundleOf({ ...good, signers: [] })), 'WP4102');
});

t.test('a key does not count twice', async (t) => {
  const trust = trustOf({ ...good, signers: [one] });
  const [signature] = trust.targets.signatures;
  if (signature === undefined) throw new RangeError('it is signed');
  const targets = { ...trust.targets, signatures: [signature, signature] };
  t.equal(await codeOf(encodeBundle({ ...trust, targets }, CONTENT)), 'WP4101');
});

t.test('a key that the root does not name is refused, also beside enough that it names', async (t) => {
  t.equal(await codeOf(forged({ ...good, signers: [newSigner(), newSigner()] })), 'WP4103');
  t.equal(await codeOf(forged({ ...good, signers: [one, two, newSigner()] })), 'WP4103');
});

t.test('those who may exchange keys may not sign bundles', async (t) => {
  t.equal(await codeOf(forged({ ...good, signers: [keys.root[0], keys.root[1]] })), 'WP4103');
});

t.test('a bundle of another site is refused', async (t) => {
  const others = newKeys();
  const theirs = firstChain(others);
  t.equal(
    await codeOf(bundleOf({ chain: theirs, signers: [others.targets[0], others.targets[1]] })),
    'WP4104',
  );
  t.equal(
    await codeOf(encodeBundle({ ...trustOf({ ...good, signers: [] }), roots: [] }, CONTENT)),
    'WP4102',
    'without any root it is judged by the device’s own',
  );
});

t.test('a bundle for another device is refused', async (t) => {
  t.equal(await codeOf(bundleOf({ ...good, plan: { device: 'mall.pillar-002' } })), 'WP4105');
  t.equal(await codeOf(bundleOf({ ...good, plan: { device: 'mall2.pillar-001' } })), 'WP4105');
});

t.test(
  'an older generation is refused; the confirmed one again is not, other content of its number is',
  async (t) => {
    const bytes = bundleOf(good);
    const { manifest } = await verifyBundle(readerOf(bytes), expectations(chain));
    const floor = (generation: number, digest = 'f'.repeat(64)) => ({ floor: { generation, digest } });
    t.equal(await codeOf(bytes, floor(8)), 'WP4106');
    t.equal(await codeOf(bytes, floor(7)), 'WP4106');
    t.equal(await codeOf(bytes, floor(7, manifest.digest)), null);
    t.equal(await codeOf(bytes, { floor: null }), null);
  },
);

t.test('an expired bundle is refused from the second on at which it ends', async (t) => {
  const bytes = bundleOf({ ...good, plan: { expiresMs: NOW_MS + DAY_MS } });
  const at = (nowMs: number) => ({ clock: { quality: 'synced', nowMs } }) as const;
  t.equal(await codeOf(bytes, at(NOW_MS + DAY_MS - 1)), null);
  t.equal(await codeOf(bytes, at(NOW_MS + DAY_MS)), 'WP4107');
  t.equal(await codeOf(bytes, { clock: { quality: 'holdover', nowMs: NOW_MS + DAY_MS } }), 'WP4107');
});

t.test('an expired root is refused', async (t) => {
  const short = firstChain(keys, NOW_MS + DAY_MS);
  const bytes = bundleOf({ ...good, chain: short });
  const clock = { quality: 'synced', nowMs: NOW_MS + 2 * DAY_MS } as const;
  const refusal = await refusalOf(bytes, expectations(short, { clock }));
  t.equal(refusal?.code, 'WP4107');
  t.match(refusal?.detail, /^root 1 /);
});

t.test('while the clock is unset what has expired is reported and taken', async (t) => {
  const bytes = bundleOf({ ...good, plan: { expiresMs: NOW_MS - DAY_MS } });
  const judged = async (nowMs: number) => {
    const clock = { quality: 'unset', nowMs } as const;
    const { reports } = await verifyBundle(readerOf(bytes), expectations(chain, { clock }));
    return reports.map(({ code }) => code);
  };
  t.same(await judged(NOW_MS), ['WP4107']);
  t.same(await judged(0), [], 'a clock in 1970 knows of nothing');
});

t.test('an agent out of range is refused', async (t) => {
  const bytes = bundleOf(good);
  t.equal(await codeOf(bytes, { agent: '0.0.9' }), 'WP4108');
  t.equal(await codeOf(bytes, { agent: '0.3.0' }), 'WP4108');
  t.equal(await codeOf(bytes, { agent: '0.2.99' }), null);
  t.equal(await codeOf(bytes, { agent: 'trunk' }), 'WP4108');
});

t.test('of several reasons the first of the documented order is told', async (t) => {
  const plan = { device: 'mall.other', agent: '>=9', generation: 1, expiresMs: NOW_MS - DAY_MS };
  const codes: (string | null)[] = [];
  for (const mended of [{}, { device: 'mall.pillar-001' }, { generation: 7 }, { agent: '>=0.1.0' }]) {
    Object.assign(plan, mended);
    codes.push(await codeOf(bundleOf({ ...good, plan })));
  }
  t.same(codes, ['WP4105', 'WP4106', 'WP4108', 'WP4107']);
});

t.test('changed content is refused and named', async (t) => {
  const content = new Map([...CONTENT, ['voice/en/alarm.sent.wav', Buffer.from('RIFX')]]);
  const refusal = await refusalOf(encodeBundle(trustOf(good), content), expectations(chain));
  t.equal(refusal?.code, 'WP4109');
  t.equal(refusal?.detail, 'voice/en/alarm.sent.wav');
});

t.test('a bundle cut off anywhere is refused', async (t) => {
  const bytes = bundleOf(good);
  const codes = new Set<string | null>();
  for (let end = 0; end < bytes.length; end += 1) codes.add(await codeOf(bytes.subarray(0, end)));
  t.same([...codes], ['WP4101']);
});

t.test('bytes after its end are refused', async (t) => {
  t.equal(await codeOf(Buffer.concat([bundleOf(good), Buffer.from('\n')])), 'WP4110');
});

t.test('a newer format and one too large are told as such', async (t) => {
  const bytes = bundleOf(good);
  t.equal(await codeOf(Buffer.concat([Buffer.from('WPB2\n'), bytes.subarray(5)])), 'WP4112');
  const long = Buffer.from(bytes);
  long.writeUInt32BE(0xff_ff_ff_ff, HEAD_BYTES - 4);
  t.equal(await codeOf(long), 'WP4111');
  t.equal(await refusalOfSize(2 ** 40), 'WP4111');
});

async function refusalOfSize(size: number): Promise<string> {
  const reader = { size, read: async () => Buffer.from('') };
  return verifyBundle(reader, expectations(chain)).then(
    () => 'taken',
    (error: unknown) => (error instanceof Error ? error.message.slice(0, 6) : ''),
  );
}

t.test('what says the same in other letters is refused: it is not what was signed', async (t) => {
  const trust = trustOf(good);
  const head = encodeHead(trust);
  const text = head.subarray(HEAD_BYTES).toString();
  const content = Buffer.concat([...CONTENT.values()]);
  for (const other of [
    text.replace('{', '{ '),
    text.replace('"roots":', '"roots":[],"roots":'),
    text.replace('"version":7', '"version":7.0'),
    text.replace('profile.json', 'profile\\u002ejson'),
    text.replace('"targets":{', '"__proto__":{},"targets":{'),
    text.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first.toUpperCase()}`).replace(/a/, 'A'),
  ]) {
    t.not(other, text);
    const start = Buffer.from(head.subarray(0, HEAD_BYTES));
    start.writeUInt32BE(Buffer.byteLength(other), HEAD_BYTES - 4);
    t.equal(await codeOf(Buffer.concat([start, Buffer.from(other), content])), 'WP4101');
  }
});

t.test('parts that would leave their folder, or lie in one another, are no parts', async (t) => {
  const names = ['../x', '/etc/passwd', 'voice/../../x', 'voice//x', 'notes.txt', 'boards/UNO.hex', 'voice'];
  for (const name of names) {
    const content = new Map([...CONTENT, [name, Buffer.from('x')]]);
    t.throws(() => bundleOf({ ...good, content }), { code: 'WP4114' }, name);
  }
  const content = new Map([...CONTENT, ['voice/en', Buffer.from('x')]]);
  t.throws(() => bundleOf({ ...good, content }), { code: 'WP4114' });
  t.throws(
    () => bundleOf({ ...good, content: new Map() }),
    { code: 'WP4114' },
    'nor is one without a profile',
  );
});

t.test('every bit of a bundle, changed, has it refused', async (t) => {
  const few = { root: keys.targets, targets: keys.targets };
  const small = firstChain(few);
  const bytes = bundleOf({ ...good, chain: small });
  const expected = expectations(small);
  t.equal(await refusalOf(bytes, expected), null);
  const codes = new Map<string, number>();
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const code = (await refusalOf(changed, expected))?.code ?? `bit ${bit} was taken`;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  t.comment(`${bytes.length * 8} bits: ${JSON.stringify(Object.fromEntries(codes))}`);
  for (const code of codes.keys()) t.match(code, /^WP41(01|02|03|04|05|09|10|11|12)$/);
});
