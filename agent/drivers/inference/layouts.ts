import type { ModelConfig, ModelLayout } from '#agent/ports/object-detector.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Tensor } from './backend.ts';
import { shown } from './description.ts';
import type { Found } from './suppression.ts';

export type Outputs = ReadonlyMap<string, Tensor>;
type Ssd = Extract<ModelLayout, { family: 'ssd' }>;
type Yolo = Extract<ModelLayout, { family: 'yolo' }>;

/** What the outputs of a model say, before suppression. Throws WP2454 naming what came and what was expected. */
export function foundIn(outputs: Outputs, config: ModelConfig): Found[] {
  const { layout } = config;
  const found =
    layout.family === 'ssd' ? foundBySsd(outputs, layout, config) : foundByYolo(outputs, layout, config);
  return found.filter(({ score, corners }) => score >= config.minScore && corners.every(Number.isFinite));
}

function foundBySsd(outputs: Outputs, layout: Ssd, config: ModelConfig): Found[] {
  const boxes = tensor(outputs, layout.boxes);
  const scores = tensor(outputs, layout.scores);
  const count = boxes.data.length / 4;
  if (boxes.shape.at(-1) !== 4 || boxes.data.length % 4 !== 0) throw unfit(layout.boxes, boxes, '[1, n, 4]');
  const { labels } = config;
  if (layout.classes === undefined) {
    const columns = labels.length + layout.firstClass;
    const expected = `[1, ${count}, ${columns}]: ${layout.firstClass} before the ${labels.length} labels`;
    if (scores.data.length !== count * columns) throw unfit(layout.scores, scores, expected);
    return rowsOf(count).flatMap((row) =>
      labels.flatMap((label, at): Found[] => {
        const score = number(scores, row * columns + layout.firstClass + at);
        return score >= config.minScore
          ? [{ label, score, corners: cornersAt(boxes, row, layout, config) }]
          : [];
      }),
    );
  }
  const classes = tensor(outputs, layout.classes);
  if (scores.data.length !== count) throw unfit(layout.scores, scores, `[1, ${count}]`);
  if (classes.data.length !== count) throw unfit(layout.classes, classes, `[1, ${count}]`);
  return rowsOf(count).flatMap((row): Found[] => {
    const score = number(scores, row);
    const label = labels[Math.round(number(classes, row)) - layout.firstClass];
    if (label === undefined || !(score >= config.minScore)) return [];
    return [{ label, score, corners: cornersAt(boxes, row, layout, config) }];
  });
}

function cornersAt(
  boxes: Tensor,
  row: number,
  { order, unit }: Ssd,
  { input }: ModelConfig,
): Found['corners'] {
  const [a, b, c, d] = [0, 1, 2, 3].map((at) => number(boxes, row * 4 + at));
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = order === 'xyxy' ? [a, b, c, d] : [b, a, d, c];
  const [across, down] = unit === 'fraction' ? [input.width, input.height] : [1, 1];
  return [x0 * across, y0 * down, x1 * across, y1 * down];
}

function foundByYolo(outputs: Outputs, layout: Yolo, { labels, input, minScore }: ModelConfig): Found[] {
  const output = tensor(outputs, layout.output);
  const before = layout.hasObjectness ? 5 : 4;
  const attributes = before + labels.length;
  const { count, at } = readerOf(output, layout, attributes);
  const [across, down] = layout.unit === 'fraction' ? [input.width, input.height] : [1, 1];
  return rowsOf(count).flatMap((row): Found[] => {
    const best = bestOf(labels, (label) => at(row, before + label));
    const score = best.score * (layout.hasObjectness ? at(row, 4) : 1);
    if (!(score >= minScore)) return [];
    const [x, y] = [at(row, 0) * across, at(row, 1) * down];
    const [halfWidth, halfHeight] = [(at(row, 2) * across) / 2, (at(row, 3) * down) / 2];
    return [
      { label: best.label, score, corners: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight] },
    ];
  });
}

/** How to read attribute `a` of box `row`. */
function readerOf(output: Tensor, { output: name, rows }: Yolo, attributes: number) {
  const [first = 0, second = 0] = output.shape.slice(-2);
  const [own, count] = rows === 'attributes' ? [first, second] : [second, first];
  const expected = rows === 'attributes' ? `[1, ${attributes}, n]` : `[1, n, ${attributes}]`;
  if (own !== attributes || output.data.length !== attributes * count) {
    const isTurned = count === attributes;
    throw unfit(name, output, isTurned ? `${expected}; it fits the other value of rows` : expected);
  }
  const at = (row: number, attribute: number) =>
    number(output, rows === 'attributes' ? attribute * count + row : row * attributes + attribute);
  return { count, at };
}

function bestOf(
  labels: readonly string[],
  scoreOf: (label: number) => number,
): { label: string; score: number } {
  let best = { label: '', score: Number.NEGATIVE_INFINITY };
  labels.forEach((label, at) => {
    const score = scoreOf(at);
    if (score > best.score) best = { label, score };
  });
  return best;
}

function tensor(outputs: Outputs, name: string): Tensor {
  const found = outputs.get(name);
  if (found !== undefined) return found;
  const there = [...outputs].map(([other, { shape }]) => `${other} ${shown(shape)}`).join(', ');
  throw new WatchpostError('WP2454', { detail: `${name} is missing among ${there}` });
}

const unfit = (name: string, { shape }: Tensor, expected: string): WatchpostError =>
  new WatchpostError('WP2454', { detail: `${name} is ${shown(shape)}, expected ${expected}` });

const number = ({ data }: Tensor, at: number): number => data[at] ?? Number.NaN;
const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, row) => row);
