import type { AtConfig } from './config.ts';

/** What is asked for a measure, and how its answer is read. Source: 3GPP TS 27.007, 8.5 and 8.69. */
export const AT_QUESTIONS: Readonly<
  Record<AtConfig['measure'], { readonly ask: string; dbm(line: string): number | null }>
> = {
  rssi: { ask: 'AT+CSQ', dbm: rssiOf },
  rsrp: { ask: 'AT+CESQ', dbm: rsrpOf },
};

/** `+CSQ: rssi,ber`: 0 is -113 dBm or less, in steps of 2 dB to 31; 99 is not known. */
function rssiOf(line: string): number | null {
  const rssi = Number(/^\+CSQ: ?(\d{1,2}),\d{1,2}$/.exec(line)?.[1] ?? 99);
  return rssi > 31 ? null : -113 + 2 * rssi;
}

/** `+CESQ: rxlev,ber,rscp,ecno,rsrq,rsrp`: 0 is below -140 dBm, 1 from there in steps of 1 dB to 97; 255 is not known. */
function rsrpOf(line: string): number | null {
  const rsrp = Number(/^\+CESQ: ?(?:\d{1,3},){5}(\d{1,3})$/.exec(line)?.[1] ?? 255);
  return rsrp > 97 ? null : -141 + rsrp;
}
