import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { TrackRecord } from './track-record.ts';

/** Things plotted at most: those reported, then those that came nearest to it. */
const MAX_ROWS = 12;

/** Each candidate's scores and clock over time, one row a thing, as SVG. */
export async function scorePlot(records: readonly TrackRecord[]): Promise<string> {
  const shown = [...records].sort((a, b) => progressOf(b) - progressOf(a)).slice(0, MAX_ROWS);
  const view = new View(parse(compile(specOf(shown)).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** How far it came: 1 and more when it was due. */
function progressOf({ samples, reportedAs }: TrackRecord): number {
  const furthest = Math.max(0, ...samples.map(({ aloneS, dwellS }) => aloneS / dwellS));
  return (reportedAs === null ? 0 : 1000) + furthest;
}

interface Point {
  readonly thing: string;
  readonly t: number;
  readonly what: string;
  readonly value: number;
}

const titleOf = ({ id, reportedAs }: TrackRecord): string =>
  reportedAs === null ? `${id}` : `${id} (reported)`;

function pointsOf(record: TrackRecord): Point[] {
  const { samples } = record;
  const thing = titleOf(record);
  return samples.flatMap(({ t, aloneS, dwellS, measurements }) => {
    const { ghostScore, personScore, clearShare } = measurements;
    const values = {
      'dwell clock': Math.min(1, aloneS / dwellS),
      'ghost score': ghostScore,
      'person score': personScore,
      'seen freely': clearShare,
    };
    return Object.entries(values).map(([what, value]) => ({ thing, t, what, value }));
  });
}

const specOf = (shown: readonly TrackRecord[]): TopLevelSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  data: { values: shown.flatMap(pointsOf) },
  // Without the list, rows would be in the order of the alphabet.
  facet: { row: { field: 'thing', title: 'thing', sort: shown.map(titleOf) } },
  spec: {
    width: 800,
    height: 90,
    mark: { type: 'line', interpolate: 'step-after' },
    encoding: {
      x: { field: 't', type: 'quantitative', title: 'seconds' },
      y: { field: 'value', type: 'quantitative', title: null, scale: { domain: [0, 1] } },
      color: { field: 'what', type: 'nominal', title: null },
    },
  },
});
