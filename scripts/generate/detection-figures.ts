import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import * as z from 'zod';
import { ROOT } from '../site/demo-site.ts';
import { TABLES, withTable } from './detection-tables.ts';

export const FIGURES_DIR: string = join(ROOT, 'docs/figures');

const PAGE = join(ROOT, 'docs/detection-figures.md');

/**
 * `node scripts/generate/detection-figures.ts` draws docs/figures/*.svg from the benches' JSON beside them, and fills
 * the tables of docs/detection-figures.md.
 */
export async function drawFigures(folder: string = FIGURES_DIR): Promise<Readonly<Record<string, string>>> {
  const drawn: Record<string, string> = {};
  for (const [name, { from, schema, spec }] of Object.entries(FIGURES)) {
    const file = join(folder, from);
    if (!existsSync(file)) continue;
    const data = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    drawn[name] = await svgOf(spec(data));
  }
  return drawn;
}

interface Figure {
  /** The bench's JSON, as `--json` prints it. */
  readonly from: string;
  readonly schema: z.ZodType<Rows>;
  readonly spec: (data: Rows) => TopLevelSpec;
}

type Row = Record<string, string | number>;
type Rows = readonly Row[];

const Tallied = z.object({ expected: z.number(), found: z.number(), falseAlarms: z.number() });

const ScenarioCounts = z
  .object({ rows: z.array(Tallied.extend({ scenario: z.string() })) })
  .transform(({ rows }) => rows.flatMap(({ scenario, ...tally }) => countsOf({ scenario }, tally)));

const PerturbationCounts = z
  .object({ rows: z.array(Tallied.extend({ perturbation: z.string() })) })
  .transform(({ rows }) => rows.flatMap(({ perturbation, ...tally }) => countsOf({ perturbation }, tally)));

function countsOf(of: Row, { expected, found, falseAlarms }: z.infer<typeof Tallied>): Rows {
  return [
    { ...of, outcome: 'found', rank: 1, count: found },
    { ...of, outcome: 'missed', rank: 2, count: expected - found },
    { ...of, outcome: 'false', rank: 3, count: falseAlarms },
  ];
}

const Curve = z
  .object({
    curve: z.array(z.object({ leastScore: z.number(), precision: z.number(), recall: z.number() })),
  })
  .transform(({ curve }) =>
    curve.flatMap(({ leastScore, precision, recall }) => [
      { leastScore, measure: 'precision', share: precision },
      { leastScore, measure: 'recall', share: recall },
    ]),
  );

const Speed = z
  .object({ rows: z.array(z.object({ width: z.number(), height: z.number(), msPerFrame: z.number() })) })
  .transform(({ rows }) =>
    rows.map(({ width, height, msPerFrame }) => ({ pixels: width * height, msPerFrame })),
  );

const COLOURS = { domain: ['found', 'missed', 'false'], range: ['#3a7d44', '#c9a227', '#b3261e'] };

const FIGURES: Readonly<Record<string, Figure>> = {
  'scenes.svg': {
    from: 'scenes.json',
    schema: ScenarioCounts,
    spec: (rows) => bars(rows, 'scenario', 'things'),
  },
  'perturbations.svg': {
    from: 'perturbations.json',
    schema: PerturbationCounts,
    spec: (rows) => bars(rows, 'perturbation', 'things in the four clips'),
  },
  'score.svg': { from: 'scenes.json', schema: Curve, spec: scoreCurve },
  'speed.svg': { from: 'speed.json', schema: Speed, spec: speed },
};

function bars(rows: Rows, of: string, what: string): TopLevelSpec {
  return {
    ...plain(rows),
    width: 360,
    mark: 'bar',
    encoding: {
      y: { field: of, type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } },
      x: { field: 'count', type: 'quantitative', title: what },
      color: { field: 'outcome', type: 'nominal', scale: COLOURS, title: null },
      order: { field: 'rank' },
    },
  };
}

function scoreCurve(rows: Rows): TopLevelSpec {
  return {
    ...plain(rows),
    width: 360,
    height: 220,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'leastScore', type: 'quantitative', title: 'least score that is raised' },
      y: { field: 'share', type: 'quantitative', title: 'share', scale: { domain: [0, 1] } },
      color: { field: 'measure', type: 'nominal', title: null },
    },
  };
}

function speed(rows: Rows): TopLevelSpec {
  return {
    ...plain(rows),
    width: 360,
    height: 220,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'pixels', type: 'quantitative', title: 'pixels', scale: { type: 'log' } },
      y: { field: 'msPerFrame', type: 'quantitative', title: 'milliseconds a frame', scale: { type: 'log' } },
    },
  };
}

const plain = (rows: Rows) => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  data: { values: [...rows] },
});

/** The same SVG for the same data: widths of text are estimated, not measured with the machine's fonts. */
async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** docs/detection-figures.md with its tables from the same JSON. */
export function figuresPage(folder: string = FIGURES_DIR): string {
  let page = readFileSync(PAGE, 'utf8');
  for (const [name, { from, table }] of Object.entries(TABLES)) {
    const file = join(folder, from);
    if (existsSync(file)) page = withTable(page, name, table(JSON.parse(readFileSync(file, 'utf8'))));
  }
  return page;
}

if (import.meta.main) {
  for (const [name, svg] of Object.entries(await drawFigures())) writeFileSync(join(FIGURES_DIR, name), svg);
  writeFileSync(PAGE, figuresPage());
}
