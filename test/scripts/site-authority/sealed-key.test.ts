import t from 'tap';
import { newKey } from '#agent/installer/identity/key-request.ts';
import { openKey, sealKey } from '#scripts/site-authority/sealed-key.ts';
import { PASSPHRASE } from './support.ts';

t.test(
  'a sealed key opens with its passphrase, however its letters were composed, and shows nothing of itself',
  async (t) => {
    const pem = newKey();
    const sealed = await sealKey('root of mall', pem, 'drei grüne Äpfel');
    t.equal(await openKey(sealed, 'drei gru\u0308ne A\u0308pfel'), pem);
    t.notMatch(sealed, /PRIVATE KEY/);
    const again = await sealKey('root of mall', pem, 'drei grüne Äpfel');
    const { salt, nonce, content } = JSON.parse(sealed);
    t.strictNotSame(
      [salt, nonce, content],
      [JSON.parse(again).salt, JSON.parse(again).nonce, JSON.parse(again).content],
    );
  },
);

t.test('another passphrase, another name, or a changed bit opens nothing', async (t) => {
  const sealed = JSON.parse(await sealKey('root of mall', newKey(), PASSPHRASE));
  const flipped = Buffer.from(sealed.content, 'base64');
  flipped[7] = (flipped[7] ?? 0) ^ 1;
  const refused = (text: string, passphrase = PASSPHRASE) =>
    t.rejects(openKey(text, passphrase), { code: 'WP4404' });
  await refused(JSON.stringify(sealed), `${PASSPHRASE} `);
  await refused(JSON.stringify({ ...sealed, name: 'root of park' }));
  await refused(JSON.stringify({ ...sealed, content: flipped.toString('base64') }));
  await refused(JSON.stringify({ ...sealed, tag: sealed.tag.slice(0, 4) }));
  await refused('cut off');
});

t.test('a file that asks for more memory than any of ours is refused before it gets it', async (t) => {
  const sealed = JSON.parse(await sealKey('root of mall', newKey(), PASSPHRASE));
  await t.rejects(openKey(JSON.stringify({ ...sealed, memoryKiB: 2 ** 31 }), PASSPHRASE), { code: 'WP4404' });
});

t.test('a passphrase of eleven characters is too short', async (t) => {
  await t.rejects(sealKey('root of mall', newKey(), 'a'.repeat(11)), { code: 'WP4403' });
});
