import t from 'tap';
import { compare, LOADERS } from '#scripts/flash/board/avrdude.ts';
import { NO_PTY, TestLine } from '#test/support/pty.ts';
import { FIRMATA_HEX } from './bootloader-board.ts';

t.setTimeout(300_000);

t.test(
  'a line at whose other end nobody speaks is told as silence, not waited for without end',
  { skip: NO_PTY },
  async (t) => {
    const { path } = await TestLine.make(t);
    const line = { port: path, loader: LOADERS.uno, baud: 115_200 };
    await t.rejects(compare(line, FIRMATA_HEX), { code: 'WP4331' });
  },
);
