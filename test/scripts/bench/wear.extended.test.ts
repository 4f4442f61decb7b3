import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import * as z from 'zod';
import { ROOT } from '#scripts/site/demo-site.ts';

const Sum = z.object({ mbADay: z.number().positive(), cardMbADay: z.number().nullable() });
const Row = z.object({ what: z.string(), part: z.enum(['rest', 'work', 'once']), kib: z.number().min(0) });
const Wear = z.object({ rows: z.array(Row), atRest: Sum, atWork: Sum });

t.test('the wear bench counts what a whole pillar writes, and leaves no disk behind', async (t) => {
  const args = [
    'bench',
    'wear',
    '--minutes',
    '0.1',
    '--presses',
    '1',
    '--hours',
    '1',
    '--no-camera',
    '--json',
  ];
  const child = spawn(process.execPath, [join(ROOT, 'scripts/cli.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [[code], out] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
  t.equal(code, 0);
  const { rows, atRest, atWork } = Wear.parse(JSON.parse(out));
  const kib = (what: string) => rows.find((row) => row.what === what)?.kib ?? 0;
  t.ok(kib('the first start') > 4000, 'which sets 4 MiB aside');
  t.ok(kib('press') >= 20, 'a press is stored, marked and answered');
  t.ok(atWork.mbADay > atRest.mbADay);
  if (atRest.cardMbADay !== null) t.ok(atRest.cardMbADay >= atRest.mbADay, 'the file system adds to it');
  t.notMatch(readFileSync('/proc/mounts', 'utf8'), /\.cache\/bench-/);
});
