import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '#test/support/free-port.ts';
import { noService, playedBroker } from './support/services.ts';

t.test('a site whose event loop stands still is killed and answers again', { skip: noService }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'watchpost-site-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  const port = await freePort();
  const ports = ['--mqtt', '127.0.0.1:0', '--http', `127.0.0.1:${port}`];
  const service = playedBroker(t, data, [...ports, '--dev']);
  await service.start();
  const first = await service.untilReady(1);
  t.match(first.status, `http://127.0.0.1:${port}`);
  await service.until('it is fed', () => first.fed > 1);
  const frozenMs = performance.now();
  service.signal('SIGUSR2');
  const second = await service.untilReady(2);
  t.equal(first.result, 'watchdog');
  t.comment(
    `frozen to killed ${Math.round((first.endedMs ?? 0) - frozenMs)} ms, to ready again ${Math.round((second.readyMs ?? 0) - frozenMs)} ms`,
  );
  t.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  await service.until('it is fed again', () => second.fed > 0);
  await service.stop();
  t.equal(second.result, 'success', 'an ordered end is one');
});
