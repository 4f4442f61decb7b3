import type { DriverUse } from './driver-uses.ts';
import type { ZoneProblem } from './zone-problems.ts';

interface LineUse {
  readonly path: string;
  readonly line: string;
  /** Who reads it; parts of one receiver or modem share its line. */
  readonly by: string;
}

/** Parts that name a serial line which something else has: two boards, or a receiver and a modem (WP4032). */
export function serialLinesTwice(parts: readonly DriverUse[]): ZoneProblem[] {
  const uses = parts.flatMap(lineUse);
  return uses.flatMap(({ path, line, by }, i) => {
    const first = uses.slice(0, i).find((other) => other.line === line && other.by !== by);
    if (first === undefined) return [];
    const message = `${line} is also the line of ${first.path}`;
    return [
      { code: 'WP4032', path, message, hint: 'a serial line carries one device: name the line of this one' },
    ];
  });
}

function lineUse({ path, config: { driver, port, serial } }: DriverUse): LineUse[] {
  if (driver === 'firmata' && typeof port === 'string') {
    return [{ path: `${path}.port`, line: port.replace(/^\/dev\/serial\/by-id\//, ''), by: path }];
  }
  if (typeof serial !== 'string') return [];
  return [{ path: `${path}.serial`, line: serial.replace(/^\/dev\/serial\/by-id\//, ''), by: driver }];
}
