import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import * as z from 'zod';
import { type AuditHead, headAt, listAudit, verifyChain } from '#broker/persistence/ledger/audit-log.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const Exported = z.object({ head: z.object({ row: z.number(), hash: z.string() }) });

t.test('after kill -9 the chain is whole, with every decision that was answered', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'site.yaml');
  writeFileSync(config, 'retention: { eventsDays: 7 }\n');
  const args = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--config', config];
  const broker = await startBroker(t, folder, args);
  const headers = { authorization: `Bearer ${broker.token}`, 'content-type': 'application/json' };
  const ask = (path: string, body?: object) =>
    fetch(`${broker.http}/api/v1/${path}`, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  const answered: string[] = [];
  const work = async (lane: number) => {
    for (let n = 0; ; n++) {
      const name = `desk-${lane}-${n}`;
      const { status } = await ask('people', { name, role: 'dispatcher' });
      if (status !== 201) return;
      answered.push(name);
      if (answered.length === 60) broker.child.kill('SIGKILL');
    }
  };
  await ask('people', { name: 'first', role: 'auditor' });
  const head: AuditHead = Exported.parse(await (await ask('audit')).json()).head;
  await Promise.allSettled([1, 2, 3, 4].map(work));
  await broker.stop('SIGKILL');
  const sql = new Sqlite(join(folder, SITE_DATABASE), { readonly: true });
  t.teardown(() => sql.close());
  for (const name of readdirSync(folder)) {
    if (name !== 'site.yaml')
      t.equal(statSync(join(folder, name)).mode & 0o077, 0, `${name} is for its owner alone`);
  }
  t.match(verifyChain(sql, head), { ok: true });
  t.same(headAt(sql, head.row), head);
  const rows = listAudit(sql, { before: 1e9, limit: 1000 });
  const added = new Set(rows.filter(({ action }) => action === 'person.added').map(({ subject }) => subject));
  t.ok(answered.length >= 60);
  t.same(
    answered.filter((name) => !added.has(name)),
    [],
  );
  const known = sql.prepare<[], string>('SELECT name FROM person').pluck().all();
  t.same(known.sort(), [...added].sort(), 'and no decision without its row, no row without its decision');
  t.match(rows.at(-1), { action: 'site.started', subject: config, detail: /"configSha256":"[0-9a-f]{64}"/ });
});
