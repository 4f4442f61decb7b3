import { execFileSync } from 'node:child_process';
import type { Stage } from './stage.ts';

export interface FatWish {
  readonly name: string;
  readonly kibibytes: number;
  /** null leaves all of it free. */
  readonly freeBytes: number | null;
}

/** A FAT stick as an image, by dosfstools and mtools; filled but for so many bytes. */
export function makeFat(stage: Stage, { name, kibibytes, freeBytes }: FatWish): void {
  const image = stage.path(name);
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, MTOOLS_SKIP_CHECK: '1' } });
  run('mkfs.vfat', '-C', image, String(kibibytes));
  if (freeBytes === null) return;
  const [, digits = ''] = /([\d ]+) bytes free/.exec(run('mdir', '-i', image, '::')) ?? [];
  stage.write('holiday.jpg', Buffer.alloc(Number(digits.replaceAll(' ', '')) - freeBytes));
  run('mcopy', '-i', image, stage.path('holiday.jpg'), '::HOLIDAY.JPG');
}
