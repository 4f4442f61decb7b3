import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import * as z from 'zod';
import { ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { isErrorCode } from '#contract/errors.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A cookie, not a metric. */
const NO_METRIC = 'watchpost_session';
const page = read('docs/monitoring.md');
const documented = new Set([...page.matchAll(/^\| `(watchpost_\w+)` \|/gm)].map(([, name = '']) => name));
/** Those of prom-client that the page names. */
const ofTheProcess = new Set([...page.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name = '']) => name));

/** The metrics that a PromQL expression reads. */
const metricsIn = (expression: string): string[] =>
  (expression.match(/\b(?:watchpost|process|nodejs)_[a-z0-9_]+\b/g) ?? []).map((name) =>
    name.replace(/_seconds_(bucket|sum|count)$/, '_seconds'),
  );

t.test('docs/monitoring.md lists every metric of the broker, and no other', async (t) => {
  const files = globSync('broker/**/*.ts', { cwd: root });
  const inCode = new Set(
    files.flatMap((file) => [...read(file).matchAll(/'(watchpost_\w+)'/g)].map(([, name = '']) => name)),
  );
  inCode.delete(NO_METRIC);
  t.ok(inCode.size > 25);
  t.same([...inCode].sort(), [...documented].sort());
});

const Panel = z.object({
  id: z.int().min(1),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({
    h: z.int().min(1),
    w: z.int().min(1).max(24),
    x: z.int().min(0).max(23),
    y: z.int().min(0),
  }),
  datasource: z
    .object({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) })
    .optional(),
  targets: z.array(z.object({ refId: z.string().regex(/^[A-Z]$/), expr: z.string().min(1) })).optional(),
});
const Dashboard = z.object({
  title: z.string().min(1),
  uid: z.string().min(1).max(40),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel).min(10),
});

t.test('the dashboard is one that Grafana reads, and every expression uses documented names', async (t) => {
  const { panels, templating } = Dashboard.parse(JSON.parse(read('docs/monitoring/grafana-dashboard.json')));
  t.same(
    templating.list.map(({ name }) => name),
    ['datasource', 'job'],
  );
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids are unique');
  const taken = new Set<string>();
  for (const { title, type, gridPos, targets = [] } of panels) {
    t.ok(type === 'row' || targets.length > 0, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        const cell = `${x} ${y}`;
        if (x > 23 || taken.has(cell)) t.fail(`${title} lies over another panel`);
        taken.add(cell);
      }
    }
    for (const { expr } of targets) checkExpression(t, title, expr);
  }
  const shown = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))));
  t.ok(shown.size > 25, 'most of what there is, is shown');
});

const Rules = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string().regex(/^Watchpost[A-Z]\w+$/),
            expr: z.string(),
            for: z
              .string()
              .regex(/^\d+[smh]$/)
              .optional(),
            labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
            annotations: z.strictObject({ summary: z.string(), action: z.string() }),
          }),
        ),
      }),
    )
    .min(1),
});

t.test('the alert rules are well-formed and use documented names', async (t) => {
  const { groups } = Rules.parse(parse(read('docs/monitoring/alert-rules.yaml')));
  const rules = groups.flatMap((group) => group.rules);
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, expr } of rules) if (!expr.startsWith('up{')) checkExpression(t, alert, expr);
});

t.test('docs/limits.md names every limit of connections with its default and its code', async (t) => {
  const rows = [...read('docs/limits.md').matchAll(/^\| `(\w+)` \| (\d+) \| .* \| (WP[\d, WP]+) \|$/gm)];
  const listed = new Map(
    rows.map(([, name = '', value, codes = '']) => [name, { value: Number(value), codes }]),
  );
  t.same([...listed.keys()].sort(), Object.keys(ConnectionLimits.shape).sort());
  for (const [name, value] of Object.entries(DEFAULT_CONNECTION_LIMITS)) {
    const { value: said, codes } = listed.get(name) ?? { value: null, codes: '' };
    t.equal(said, value, name);
    for (const code of codes.split(', ')) t.ok(isErrorCode(code), `${name}: ${code}`);
  }
});

function checkExpression(t: Tap, what: string, expression: string): void {
  const names = metricsIn(expression);
  t.ok(names.length > 0, `${what}: ${expression}`);
  for (const name of names) t.ok(documented.has(name) || ofTheProcess.has(name), `${what}: ${name}`);
  for (const [open, close] of ['()', '{}', '[]']) {
    const count = (sign = '') => expression.split(sign).length;
    t.equal(count(open), count(close), `${what}: ${open}${close}`);
  }
}

type Tap = Pick<typeof t, 'ok' | 'equal'>;
