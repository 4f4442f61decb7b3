import type { Sighting } from '#contract/http.ts';
import { useConsole } from './console-context.ts';

/** What has become of the thing, and the measurements behind the judgement, in words. */
export function SightingFacts({ sighting }: { readonly sighting: Sighting }) {
  const { words } = useConsole();
  return (
    <dl class="facts measurements">
      {factsOf(sighting).map(([name, value, values]) => (
        <div key={name}>
          <dt>{words.t(`measured.${name}`)}</dt>
          <dd>{value === null ? words.t(`measured.${name}None`) : words.t(value, values)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Name, key of the words for the value (null: there is none), values for it. */
type Fact = readonly [string, string | null, Readonly<Record<string, string | number>>?];

function factsOf({ state, zone, t, measurements }: Sighting): Fact[] {
  const facts: Fact[] = [];
  if (state !== undefined) facts.push(['state', `objectState.${state}`]);
  if (zone !== undefined) facts.push(['zone', 'measured.zoneValue', { zone }]);
  if (measurements === undefined) return facts;
  const { dwellS, ownerLastSeenT, nearestDistance, heightInPersons, personScore, ghostScore, lightChange } =
    measurements;
  const seconds = (value: number) => ({ seconds: Math.round(value) });
  const percent = (value: number) => ({ percent: Math.round(100 * value) });
  return [
    ...facts,
    ['alone', 'measured.seconds', seconds(dwellS)],
    ['owner', ownerLastSeenT === null ? null : 'measured.secondsAgo', seconds(t - (ownerLastSeenT ?? t))],
    [
      'nearest',
      nearestDistance === null ? null : 'measured.persons',
      { persons: (nearestDistance ?? 0).toFixed(1) },
    ],
    ['height', 'measured.persons', { persons: heightInPersons.toFixed(2) }],
    ['person', 'measured.percent', percent(personScore)],
    ['ghost', 'measured.percent', percent(ghostScore)],
    ['light', 'measured.percent', percent(lightChange - 1)],
  ];
}
