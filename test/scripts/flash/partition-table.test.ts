import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findFat, TABLE_BYTES } from '#scripts/flash/fat/partition-table.ts';
import { fatImage, folder, inImage, NO_FAT, TestBundles, watchpost } from './kit.ts';

const SECTOR = 512;
const MEGABYTE = 1024 * 1024;

function mbr(...partitions: readonly { type: number; firstSector: number }[]): Buffer {
  const begin = Buffer.alloc(TABLE_BYTES);
  for (const [index, { type, firstSector }] of partitions.entries()) {
    begin.writeUInt8(type, 446 + 16 * index + 4);
    begin.writeUInt32LE(firstSector, 446 + 16 * index + 8);
    begin.writeUInt32LE(2048, 446 + 16 * index + 12);
  }
  begin.writeUInt16LE(0xaa55, 510);
  return begin;
}

/** One partition of a GUID (UEFI 2.10, 5.3), in the third place. */
function gpt(guid: string, firstSector: number): Buffer {
  const begin = mbr({ type: 0xee, firstSector: 1 });
  begin.write('EFI PART', SECTOR, 'latin1');
  begin.writeBigUInt64LE(2n, SECTOR + 72);
  begin.writeUInt32LE(128, SECTOR + 80);
  begin.writeUInt32LE(128, SECTOR + 84);
  begin.write(guid, 2 * SECTOR + 2 * 128, 'hex');
  begin.writeBigUInt64LE(BigInt(firstSector), 2 * SECTOR + 2 * 128 + 32);
  return begin;
}

t.test('the FAT is found in the table of partitions', async (t) => {
  t.strictSame(findFat(mbr({ type: 0x83, firstSector: 2048 }, { type: 0x0c, firstSector: 8192 })), {
    offset: 8192 * SECTOR,
    what: 'partition 2',
  });
  t.strictSame(findFat(gpt('28732ac11ff8d211ba4b00a0c93ec93b', 4096)), {
    offset: 4096 * SECTOR,
    what: 'partition 3',
  });
  t.throws(() => findFat(gpt('00112233445566778899aabbccddeeff', 4096)), { code: 'WP4305' });
  t.throws(() => findFat(mbr({ type: 0x83, firstSector: 2048 })), { code: 'WP4305' });
  t.throws(() => findFat(Buffer.alloc(TABLE_BYTES)), { code: 'WP4305' });
  t.throws(() => findFat(Buffer.alloc(100)), { code: 'WP4305' });
});

t.test('a table of random bytes is refused with a code, never read beyond its end', async (t) => {
  const { seeded } = await import('#test/support/random.ts');
  const random = seeded(7);
  for (let round = 0; round < 2_000; round += 1) {
    const begin = gpt('28732ac11ff8d211ba4b00a0c93ec93b', 4096);
    for (let changes = 0; changes < 20; changes += 1) begin[random(3 * SECTOR)] = random(256);
    begin.writeUInt16LE(0xaa55, 510);
    try {
      findFat(begin);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'WP4305')) throw error;
    }
  }
  t.pass('2,000 tables');
});

t.test(
  'a card with partitions is flashed on its FAT, and the rest of it is as it was',
  { skip: NO_FAT },
  async (t) => {
    const dir = folder(t);
    const bundle = new TestBundles(dir).file('1.wpb', 1, 100_000);
    const fat = fatImage(dir, 'fat.img', 4);
    const linux = Buffer.alloc(MEGABYTE, 'the file system of the device ');
    const head = Buffer.alloc(MEGABYTE);
    mbr({ type: 0x0c, firstSector: 2048 }, { type: 0x83, firstSector: 5 * 2048 }).copy(head);
    const image = join(dir, 'card.img');
    writeFileSync(image, Buffer.concat([head, readFileSync(fat), linux]));
    t.match(await watchpost(['flash', bundle, '--to', image, '--yes']), { code: 0, out: /partition 1 of/ });
    t.strictSame(inImage(image, 'WPA.WPB', MEGABYTE), readFileSync(bundle));
    const after = readFileSync(image);
    t.ok(after.subarray(0, MEGABYTE).equals(head));
    t.ok(after.subarray(5 * MEGABYTE).equals(linux));
  },
);
