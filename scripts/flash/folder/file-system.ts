import { readFileSync } from 'node:fs';

const FAT_KINDS = new Set(['vfat', 'msdos', 'exfat']);

/** Whether a FAT is mounted at this very folder (proc(5), mountinfo: fields 5 and, behind the dash, 1). */
export function isFatMount(
  folder: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): boolean {
  return mountinfo.split('\n').some((line) => {
    const [before = '', after = ''] = line.split(' - ');
    return unescaped(before.split(' ')[4] ?? '') === folder && FAT_KINDS.has(after.split(' ')[0] ?? '');
  });
}

/** Spaces and the like stand there as octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
