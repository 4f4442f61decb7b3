import { join } from 'node:path';
import { listingAuthorities, publishAuthorities } from './authorities.ts';
import { listRevoked } from './certificates.ts';
import { listValidity } from './dates.ts';
import { PUBLIC_MODE, replaceFile } from './durable-file.ts';
import type { Register } from './register.ts';
import { readRootList, siteFile } from './site-files.ts';

/**
 * Puts the list of what was taken back where the broker looks every ten seconds; answers how many stand on it. Always
 * made anew from the register, so that whoever was interrupted before has it with the next command.
 */
export async function publishList(dir: string, register: Register, nowMs: number): Promise<number> {
  const { number, revocations } = register.nextList(nowMs);
  const validity = listValidity(nowMs);
  // The numbers of all are drawn by lot: on the list of an authority that has not issued one it says nothing.
  const lists = (await listingAuthorities(dir)).map((by) =>
    listRevoked(by, revocations, { number, validity }),
  );
  publishAuthorities(dir);
  const text = [readRootList(dir), ...(await Promise.all(lists))].join('');
  replaceFile(join(siteFile(dir, 'tls'), 'ca.crl'), text, PUBLIC_MODE);
  return revocations.length;
}
