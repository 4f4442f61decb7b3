import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openLog } from '#agent/log-output.ts';

t.test('lines come out in order and whole', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-log-'));
  const fd = openSync(join(dir, 'log'), 'w');
  t.teardown(() => {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
  const { log, flush } = openLog({ device: 'd' }, fd);
  for (let n = 0; n < 100; n += 1) log.info({ n }, 'some.event');
  await new Promise<void>(flush);
  const lines = readFileSync(join(dir, 'log'), 'utf8').trim().split('\n');
  t.same(
    lines.map((line) => JSON.parse(line).n),
    Array.from({ length: 100 }, (_, n) => n),
  );
});

t.test('a full disk takes lines from the log and nothing else', async (t) => {
  const fd = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(fd));
  const { log, flush } = openLog({ device: 'd' }, fd);
  for (let n = 0; n < 100; n += 1) log.info({ n }, 'some.event');
  await new Promise<void>(flush);
  t.pass('neither thrown nor waited for ever');
});
