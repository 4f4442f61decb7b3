import { useEffect, useRef, useState } from 'preact/hooks';
import type { FloorDetail } from '#contract/site-map/http.ts';
import { useConsole } from '../view/console-context.ts';
import { MapDrawing } from './map-drawing.tsx';
import type { Marker } from './markers.ts';
import {
  centred,
  middleOf,
  moved,
  type Point,
  svgBox,
  type ViewBox,
  wholeFloor,
  zoomed,
} from './view-box.ts';

interface StageProps {
  readonly floor: FloorDetail;
  readonly markers: readonly Marker[];
  readonly layers: { readonly zones: boolean; readonly routes: boolean };
  readonly way: ReadonlySet<string>;
  readonly chosen: string | null;
  readonly onChoose: (device: string) => void;
}

const ZOOM = 0.7;
/** Of what is shown, at a press of an arrow. */
const STEP = 0.15;

/** The floor, to be moved and enlarged with mouse, finger and keys. */
export function MapStage(props: StageProps) {
  const { floor, markers, chosen, onChoose } = props;
  const { words } = useConsole();
  const whole = wholeFloor(floor.plan.min, floor.plan.max);
  const [view, setView] = useState<ViewBox>(whole);
  const drawn = useRef<SVGSVGElement>(null);
  const pixelM = usePixelM(drawn, view);
  const hand = useHand(pixelM, (by) => setView(moved(view, by, whole)));
  const target = markers.find(({ device }) => device.id === chosen)?.at ?? null;
  useEffect(() => setView(whole), [floor.id]);
  useEffect(() => {
    if (target !== null) setView(centred(view, target, whole));
  }, [chosen]);
  const zoom = (factor: number, at: Point = middleOf(view)) => setView(zoomed(view, factor, whole, at));
  const onKeyDown = (event: KeyboardEvent) => {
    const next = afterKey(event.key, view, whole);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setView(next);
  };
  return (
    <div class="map-stage">
      <svg
        ref={drawn}
        role="img"
        aria-label={words.t('map.plan', { floor: floor.name })}
        tabindex={0}
        viewBox={svgBox(view)}
        onKeyDown={onKeyDown}
        onWheel={(event) => {
          event.preventDefault();
          zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM, pointOf(event, view, pixelM));
        }}
        onClick={({ target }) => {
          const device = target instanceof Element ? target.closest('[data-device]') : null;
          const id = device?.getAttribute('data-device') ?? null;
          if (id !== null) onChoose(id);
        }}
        {...hand}
      >
        <MapDrawing {...props} pixelM={pixelM} />
      </svg>
      <div class="map-zoom">
        <button type="button" aria-label={words.t('map.closer')} onClick={() => zoom(ZOOM)}>
          +
        </button>
        <button type="button" aria-label={words.t('map.farther')} onClick={() => zoom(1 / ZOOM)}>
          −
        </button>
        <button type="button" onClick={() => setView(whole)}>
          {words.t('map.whole')}
        </button>
      </div>
    </div>
  );
}

function afterKey(key: string, view: ViewBox, whole: ViewBox): ViewBox | null {
  const [dx, dy] = [view.width * STEP, view.height * STEP];
  const moves: Record<string, Point> = {
    ArrowLeft: [-dx, 0],
    ArrowRight: [dx, 0],
    ArrowUp: [0, dy],
    ArrowDown: [0, -dy],
  };
  const move = moves[key];
  if (move !== undefined) return moved(view, move, whole);
  if (key === '+' || key === '=') return zoomed(view, ZOOM, whole);
  if (key === '-') return zoomed(view, 1 / ZOOM, whole);
  return key === '0' ? whole : null;
}

/** Metres to a pixel: SVG keeps the shape of the floor, so the tighter side counts. */
function usePixelM(drawn: { readonly current: SVGSVGElement | null }, view: ViewBox): number {
  const [size, setSize] = useState<Point>([800, 500]);
  useEffect(() => {
    const element = drawn.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSize([element.clientWidth || 1, element.clientHeight || 1]));
    observer.observe(element);
    return () => observer.disconnect();
  }, [drawn]);
  return Math.max(view.width / size[0], view.height / size[1]);
}

/** Where on the floor the pointer is. */
function pointOf(event: MouseEvent, view: ViewBox, pixelM: number): Point {
  const box =
    event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : new DOMRect();
  const [x, y] = middleOf(view);
  return [
    x + (event.clientX - box.left - box.width / 2) * pixelM,
    y - (event.clientY - box.top - box.height / 2) * pixelM,
  ];
}

/** Drags; a click without a drag stays a click. */
function useHand(pixelM: number, onMoved: (by: Point) => void) {
  const last = useRef<{ readonly id: number; readonly at: Point } | null>(null);
  return {
    onPointerDown: (event: PointerEvent) => {
      last.current = { id: event.pointerId, at: [event.clientX, event.clientY] };
    },
    onPointerMove: (event: PointerEvent) => {
      const from = last.current;
      if (from === null || from.id !== event.pointerId || event.buttons === 0) return;
      last.current = { id: from.id, at: [event.clientX, event.clientY] };
      onMoved([(from.at[0] - event.clientX) * pixelM, (event.clientY - from.at[1]) * pixelM]);
    },
    onPointerUp: () => {
      last.current = null;
    },
  };
}
