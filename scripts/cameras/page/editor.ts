import { type DrawnZone, problemsOf, yamlOf } from './drawn-zone.ts';

/** The page on which a technician draws zones: corners are dragged, or moved with the arrow keys. */

const SVG = 'http://www.w3.org/2000/svg';
/** Fractions of the picture that a key moves a corner by; with Shift the larger. */
const STEP = 0.005;
const LARGE_STEP = 0.05;
const KINDS: readonly DrawnZone['kind'][] = ['watch', 'ignore', 'dwell'];

const found = <E extends Element>(id: string, type: new () => E): E => {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new TypeError(`the page has no #${id}`);
};

const stage = found('stage', SVGSVGElement);
const list = found('zones', HTMLElement);
const yaml = found('yaml', HTMLTextAreaElement);
const problems = found('problems', HTMLElement);
const width = stage.viewBox.baseVal.width;
const height = stage.viewBox.baseVal.height;
const zones: DrawnZone[] = JSON.parse(found('given', HTMLElement).textContent ?? '[]');
let chosen = 0;

function element(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** A handle is as large under the finger on a phone as it is on a screen. */
const handleSize = (cssPixels: number): string =>
  String((cssPixels * width) / Math.max(1, stage.clientWidth));

function draw(): void {
  for (const old of stage.querySelectorAll('.zone, .caption, .corner, .middle')) old.remove();
  zones.forEach((zone, index) => {
    const points = zone.polygon.map(([x, y]) => `${x * width},${y * height}`).join(' ');
    const polygon = element('polygon', { class: `zone ${zone.kind}`, points });
    polygon.classList.toggle('chosen', index === chosen);
    polygon.addEventListener('pointerdown', () => choose(index));
    stage.append(polygon, captionOf(zone));
  });
  const zone = zones[chosen];
  if (zone !== undefined) {
    stage.append(
      ...zone.polygon.map((_, index) => middleOf(zone, index)),
      ...zone.polygon.map((_, index) => cornerOf(zone, index)),
    );
  }
  tell();
}

function captionOf({ name, kind, polygon }: DrawnZone): SVGElement {
  const middle = (axis: 0 | 1) => polygon.reduce((sum, corner) => sum + corner[axis], 0) / polygon.length;
  const place = { x: String(middle(0) * width), y: String(middle(1) * height) };
  const caption = element('text', { class: `caption ${kind}`, ...place, 'font-size': handleSize(13) });
  caption.textContent = name;
  return caption;
}

function tell(): void {
  yaml.value = yamlOf(zones);
  const wrong = problemsOf(zones);
  const lines = wrong.length === 0 ? ['No problems.'] : wrong;
  // Said aloud by screen readers: only when it is something else.
  if ([...problems.children].map(({ textContent }) => textContent).join('\n') === lines.join('\n')) return;
  problems.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement('li');
      line.textContent = text;
      return line;
    }),
  );
  problems.classList.toggle('wrong', wrong.length > 0);
}

function cornerOf(zone: DrawnZone, index: number): SVGElement {
  const [x = 0, y = 0] = zone.polygon[index] ?? [];
  const handle = element('g', {
    class: 'corner',
    tabindex: '0',
    role: 'button',
    'data-corner': String(index),
    'aria-label': `Corner ${index + 1} of ${zone.name}: ${percent(x)} across, ${percent(y)} down. Arrow keys move it, Delete removes it.`,
    transform: `translate(${x * width} ${y * height})`,
  });
  handle.append(...dots(22, 6));
  handle.addEventListener('pointerdown', (event) => drag(event, zone, index));
  handle.addEventListener('keydown', (event) => moveByKey(event, zone, index));
  return handle;
}

const dots = (reach: number, dot: number): SVGElement[] => [
  element('circle', { class: 'reach', r: handleSize(reach) }),
  element('circle', { class: 'dot', r: handleSize(dot) }),
];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Between two corners: touched, it becomes one. */
function middleOf(zone: DrawnZone, index: number): SVGElement {
  const [x0 = 0, y0 = 0] = zone.polygon[index] ?? [];
  const [x1 = 0, y1 = 0] = zone.polygon[(index + 1) % zone.polygon.length] ?? [];
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const handle = element('g', {
    class: 'middle',
    tabindex: '0',
    role: 'button',
    'aria-label': `Add a corner after corner ${index + 1} of ${zone.name}`,
    transform: `translate(${x * width} ${y * height})`,
  });
  handle.append(
    element('circle', { class: 'reach', r: '16' }),
    element('circle', { class: 'dot', r: '4.5' }),
  );
  const add = () => {
    if (zone.polygon.length < 64) zone.polygon.splice(index + 1, 0, [x, y]);
    draw();
    focusCorner(index + 1);
  };
  handle.addEventListener('pointerdown', (event) => {
    add();
    drag(event, zone, index + 1);
  });
  handle.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    add();
  });
  return handle;
}

function focusCorner(index: number): void {
  const corner = stage.querySelector(`[data-corner="${index}"]`);
  if (corner instanceof SVGElement) corner.focus();
}

/** The picture catches the pointer, since the corner is drawn anew at every move. */
function drag(event: PointerEvent, zone: DrawnZone, index: number): void {
  event.preventDefault();
  const { pointerId } = event;
  const move = (to: PointerEvent) => {
    if (to.pointerId !== pointerId) return;
    const box = stage.getBoundingClientRect();
    place(zone, index, (to.clientX - box.left) / box.width, (to.clientY - box.top) / box.height);
  };
  const end = (to: PointerEvent) => {
    if (to.pointerId !== pointerId) return;
    stage.removeEventListener('pointermove', move);
    stage.removeEventListener('pointerup', end);
    stage.removeEventListener('pointercancel', end);
    focusCorner(index);
  };
  stage.setPointerCapture(pointerId);
  stage.addEventListener('pointermove', move);
  stage.addEventListener('pointerup', end);
  stage.addEventListener('pointercancel', end);
}

function moveByKey(event: KeyboardEvent, zone: DrawnZone, index: number): void {
  const [x = 0, y = 0] = zone.polygon[index] ?? [];
  const step = event.shiftKey ? LARGE_STEP : STEP;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[
    event.key
  ];
  if (by !== undefined) place(zone, index, x + (by[0] ?? 0), y + (by[1] ?? 0));
  else if (event.key === 'Delete' && zone.polygon.length > 3) {
    zone.polygon.splice(index, 1);
    draw();
  } else return;
  event.preventDefault();
  focusCorner(Math.min(index, zone.polygon.length - 1));
}

function place(zone: DrawnZone, index: number, x: number, y: number): void {
  zone.polygon[index] = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
  draw();
}

function choose(index: number): void {
  if (chosen === index) return;
  chosen = index;
  draw();
  listZones();
}

function listZones(): void {
  list.replaceChildren(...zones.map(rowOf));
}

function rowOf(zone: DrawnZone, index: number): HTMLElement {
  const row = document.createElement('fieldset');
  row.classList.toggle('chosen', index === chosen);
  const legend = document.createElement('legend');
  legend.textContent = zone.name;
  const dwell = field('Dwell (s)', 'number', zone.dwellS, (value) => {
    zone.dwellS = value;
  });
  dwell.hidden = zone.kind === 'ignore';
  row.append(
    legend,
    field('Name', 'text', zone.name, (value) => {
      zone.name = value;
      legend.textContent = value;
    }),
    kindField(zone, dwell),
    dwell,
    button('Show', () => choose(index)),
    button('Remove', () => {
      zones.splice(index, 1);
      chosen = Math.min(chosen, zones.length - 1);
      draw();
      listZones();
    }),
  );
  row.addEventListener('focusin', () => {
    if (chosen === index) return;
    chosen = index;
    for (const other of list.children) other.classList.toggle('chosen', other === row);
    draw();
  });
  return row;
}

function field(label: string, type: string, value: string, set: (value: string) => void): HTMLLabelElement {
  const input = document.createElement('input');
  input.type = type;
  input.value = value;
  input.autocapitalize = 'off';
  input.addEventListener('input', () => {
    set(input.value);
    draw();
  });
  return labelled(label, input);
}

function kindField(zone: DrawnZone, dwell: HTMLElement): HTMLLabelElement {
  const select = document.createElement('select');
  select.append(...KINDS.map((kind) => new Option(kind, kind, false, kind === zone.kind)));
  select.addEventListener('change', () => {
    zone.kind = KINDS.find((kind) => kind === select.value) ?? zone.kind;
    dwell.hidden = zone.kind === 'ignore';
    draw();
  });
  return labelled('Kind', select);
}

function labelled(label: string, control: HTMLElement): HTMLLabelElement {
  const made = document.createElement('label');
  made.append(label, control);
  return made;
}

function button(text: string, press: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', press);
  return made;
}

function freeName(): string {
  for (let number = zones.length + 1; ; number++) {
    if (!zones.some(({ name }) => name === `zone-${number}`)) return `zone-${number}`;
  }
}

found('add', HTMLButtonElement).addEventListener('click', () => {
  const polygon: [number, number][] = [
    [0.35, 0.35],
    [0.65, 0.35],
    [0.65, 0.65],
    [0.35, 0.65],
  ];
  zones.push({ name: freeName(), kind: 'watch', dwellS: '', polygon });
  chosen = zones.length - 1;
  draw();
  listZones();
});

found('copy', HTMLButtonElement).addEventListener('click', async () => {
  const said = found('copied', HTMLElement);
  try {
    await navigator.clipboard.writeText(yaml.value);
    said.textContent = 'Copied.';
  } catch {
    yaml.select(); // A page opened from a file may be refused the clipboard.
    said.textContent = 'Marked: copy it with the menu or Ctrl-C.';
  }
});

window.addEventListener('resize', draw);
draw();
listZones();
