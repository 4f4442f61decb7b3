import type { FloorDetail, ZoneItem } from '#contract/site-map/http.ts';
import type { Marker } from './markers.ts';
import { svgPoints } from './view-box.ts';

interface LayersProps {
  readonly floor: FloorDetail;
  readonly markers: readonly Marker[];
  readonly layers: { readonly zones: boolean; readonly routes: boolean };
  /** Edges of the way that is shown. */
  readonly way: ReadonlySet<string>;
  readonly chosen: string | null;
  /** Metres to a pixel: what is not drawn to scale keeps its size on the screen. */
  readonly pixelM: number;
}

/** Plan, zones, routes and devices, from the ground up. */
export function MapDrawing({ floor, markers, layers, way, chosen, pixelM }: LayersProps) {
  return (
    <>
      <Plan plan={floor.plan} />
      {layers.zones && floor.zones.map((zone) => <Zone key={zone.id} zone={zone} />)}
      {layers.routes && <Routes floor={floor} pixelM={pixelM} />}
      <g class="way">
        {floor.edges
          .filter(({ id }) => way.has(id))
          .map(({ id, line }) => (
            <polyline key={id} points={svgPoints(line)} vector-effect="non-scaling-stroke" />
          ))}
      </g>
      {markers.map((marker) => (
        <DeviceMarker
          key={marker.device.id}
          marker={marker}
          pixelM={pixelM}
          isChosen={marker.device.id === chosen}
        />
      ))}
    </>
  );
}

function Plan({ plan }: { readonly plan: FloorDetail['plan'] }) {
  const [x, y, yaw] = plan.origin;
  return (
    <image
      class="plan"
      href={plan.url}
      width={plan.widthM}
      height={plan.heightM}
      y={-plan.heightM}
      transform={`translate(${x} ${-y}) rotate(${(-yaw * 180) / Math.PI})`}
      preserveAspectRatio="none"
    />
  );
}

function Zone({ zone }: { readonly zone: ZoneItem }) {
  return (
    <polygon class={`zone ${zone.kind}`} points={svgPoints(zone.polygon)} vector-effect="non-scaling-stroke">
      <title>{zone.name ?? zone.id}</title>
    </polygon>
  );
}

function Routes({ floor, pixelM }: { readonly floor: FloorDetail; readonly pixelM: number }) {
  return (
    <g class="routes">
      {floor.edges
        .filter(({ toMap }) => toMap === null)
        .map(({ id, line }) => (
          <polyline key={id} points={svgPoints(line)} vector-effect="non-scaling-stroke" />
        ))}
      {floor.nodes.map(({ id, name, at: [x, y], station }) => (
        <circle
          key={id}
          class={station === null ? '' : 'station'}
          cx={x}
          cy={-y}
          r={(station === null ? 3 : 5) * pixelM}
        >
          <title>{name ?? id}</title>
        </circle>
      ))}
    </g>
  );
}

interface MarkerProps {
  readonly marker: Marker;
  readonly pixelM: number;
  readonly isChosen: boolean;
}

/** What has a front points where it looks; the list beside the map has the same by keyboard. */
function DeviceMarker({ marker: { device, at, theta, standing }, pixelM, isChosen }: MarkerProps) {
  const [x, y] = at;
  return (
    <g
      class={`marker ${standing}${isChosen ? ' chosen' : ''}`}
      transform={`translate(${x} ${-y}) scale(${pixelM})`}
      data-device={device.id}
    >
      <title>{device.place?.label ?? device.id}</title>
      {isChosen && <circle class="ring" r="17" />}
      {theta === null ? (
        <rect x="-8" y="-8" width="16" height="16" rx="3" />
      ) : (
        <path d="M 13 0 L 4 -9 A 9.5 9.5 0 1 0 4 9 Z" transform={`rotate(${(-theta * 180) / Math.PI})`} />
      )}
      <text x="16" y="5">
        {device.device}
      </text>
    </g>
  );
}
