import * as z from 'zod';

const Shared = { expected: z.number(), found: z.number(), centred: z.number(), falseAlarms: z.number() };

const Scenes = z.object({
  scenes: z.number(),
  rows: z.array(z.object({ ...Shared, scenario: z.string(), scenes: z.number() })),
  total: z.object({ ...Shared, precision: z.number(), recall: z.number() }),
  lateS: z.object({ p50: z.number(), p95: z.number() }),
  ends: z.object({ expected: z.number(), right: z.number() }),
});

const Perturbations = z.object({
  rows: z.array(
    z.object({
      ...Shared,
      perturbation: z.string(),
      missed: z.array(z.string()),
      falseIn: z.array(z.string()),
    }),
  ),
});

/** The benches' JSON as Markdown, by the name of the marks in the page that it stands between. */
export const TABLES: Readonly<
  Record<string, { readonly from: string; readonly table: (json: unknown) => string }>
> = {
  scenes: { from: 'scenes.json', table: (json) => scenesTable(Scenes.parse(json)) },
  perturbations: {
    from: 'perturbations.json',
    table: (json) => perturbationsTable(Perturbations.parse(json)),
  },
};

function scenesTable({ rows, total, scenes, lateS, ends }: z.infer<typeof Scenes>): string {
  const lines = rows.map(
    (row) =>
      `| ${row.scenario} | ${row.scenes} | ${row.expected} | ${row.found} | ${row.expected - row.found} | ${row.falseAlarms} |`,
  );
  const sum = `| **all** | ${scenes} | ${total.expected} | ${total.found} | ${total.expected - total.found} | ${total.falseAlarms} |`;
  return [
    '| scenario | scenes | things left | found | missed | false |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    sum,
    '',
    `Precision **${total.precision.toFixed(3)}**, recall **${total.recall.toFixed(3)}**; ${total.centred} of the ${total.found}`,
    'boxes have their middle within the truth grown by half. Counted from when it is due, the median report comes at',
    `${lateS.p50} s, nineteen of twenty by ${lateS.p95} s. Of ${ends.expected} things that were then taken, ${ends.right} were told rightly`,
    'as fetched by whoever left them, or as taken by somebody else.',
  ].join('\n');
}

function perturbationsTable({ rows }: z.infer<typeof Perturbations>): string {
  const listed = (names: readonly string[]) => (names.length === 0 ? '–' : names.join('; '));
  return [
    '| perturbation | found | centred | false | missed | false in |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.perturbation} | ${row.found} of ${row.expected} | ${row.centred} | ${row.falseAlarms} | ${listed(row.missed)} | ${listed(row.falseIn)} |`,
    ),
  ].join('\n');
}

/** The page with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
export function withTable(page: string, name: string, table: string): string {
  const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const begin = page.indexOf(from);
  const end = page.indexOf(to);
  if (begin < 0 || end < begin) return page;
  return `${page.slice(0, begin + from.length)}\n\n${table}\n\n${page.slice(end)}`;
}
