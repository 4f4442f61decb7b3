import { join } from 'node:path';
import { listRevoked } from './certificates.ts';
import { listValidity } from './dates.ts';
import { PUBLIC_MODE, replaceFile } from './durable-file.ts';
import type { Register } from './register.ts';
import { readIssuing, readRootList, siteFile } from './site-files.ts';

/**
 * Puts the list of what was taken back where the broker looks every ten seconds; answers how many stand on it. Always
 * made anew from the register, so that whoever was interrupted before has it with the next command.
 */
export async function publishList(dir: string, register: Register, nowMs: number): Promise<number> {
  const { number, revocations } = register.nextList(nowMs);
  const issuing = await readIssuing(dir);
  const list = await listRevoked(issuing, revocations, { number, validity: listValidity(nowMs) });
  replaceFile(join(siteFile(dir, 'tls'), 'ca.crl'), `${readRootList(dir)}${list}`, PUBLIC_MODE);
  return revocations.length;
}
