import t from 'tap';
import { cutFlash, scene } from './cuts.ts';
import { NO_FAT } from './kit.ts';
import { NO_TRACE } from './write-trace.ts';

t.setTimeout(1_800_000);

/** Of clusters of one sector: enough of them for each kind (Microsoft's specification, 3.5). */
const KINDS = [
  { megabytes: 4, format: ['-F', '16', '-s', '1'] },
  { megabytes: 40, format: ['-F', '32', '-s', '1'] },
] as const;

for (const { megabytes, format } of KINDS) {
  t.test(
    `cuts at every sector, mkfs.vfat ${format.join(' ')}`,
    { skip: NO_FAT === false ? NO_TRACE : NO_FAT },
    async (t) => {
      const { cuts, sectors, bad, again, notHealed } = await cutFlash(await scene(t, megabytes, ...format));
      t.equal(bad, 0);
      t.strictSame(notHealed, []);
      t.ok(cuts >= 200, `${cuts} cuts at ${sectors} sectors; ${again} times flashed again`);
    },
  );
}
