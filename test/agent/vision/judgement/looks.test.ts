import t from 'tap';
import { DualBackground, LEVEL } from '#agent/vision/background/background.ts';
import { revealedShare } from '#agent/vision/background/healing.ts';
import { appearanceOf, glanceAt } from '#agent/vision/judgement/appearance.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { type Component, componentOf, gridOf, sharedCells } from '#agent/vision/tracking/components.ts';

/** Numbers that look like noise and are the same each time. */
const noise = (i: number): number => ((i * 2_654_435_761) >>> 8) % 97;

/** A textured floor, half of it smooth, with a textured square that came to stand on it. */
function scene(width: number, height: number, wide = 12) {
  const background = new DualBackground(width, height, DEFAULT_SETTINGS, 'plain');
  const grid = gridOf(width, height);
  for (let i = 0; i < width * height; i++) {
    const texture = i % width < width / 2 ? 0 : noise(i) / 8;
    background.long[i] = Math.round((100 + texture) * LEVEL);
    background.short[i] = background.long[i] ?? 0;
  }
  const cells: number[] = [];
  for (let row = 6; row < 16; row++) {
    for (let column = 6; column < 6 + wide; column++) {
      cells.push(row * grid.columns + column);
      const i = row * 2 * width + column * 2;
      for (const p of [i, i + 1, i + width, i + width + 1]) {
        background.foreground[p] = 1;
        if (column > 9) background.short[p] = (40 + noise(p)) * LEVEL;
      }
    }
  }
  return { background, width, grid, component: componentOf(cells, grid) };
}

type Seen = ReturnType<typeof scene>;
const lookAt = ({ background, width, grid, component }: Seen) => ({
  look: appearanceOf(component, background, width, grid),
  revealed: revealedShare(component, background, width, grid),
});

t.test('cameras of different sizes that share what they calculate in do not see each other', async (t) => {
  const [large, small] = [scene(66, 60, 20), scene(64, 48)];
  const alone = lookAt(small);
  lookAt(large);
  t.same(lookAt(small), alone);
  t.ok(alone.look.edgeRatio > 2, 'its contour is sharp');
  t.ok(alone.revealed > 0.2 && alone.revealed < 0.5, 'the smooth third of it is floor');
});

t.test('a glance says the same as a whole look, but for what it leaves out', async (t) => {
  const { background, width, grid, component } = scene(64, 48);
  const whole = appearanceOf(component, background, width, grid);
  const glance = glanceAt(component, background, width, grid);
  t.same(glance, {
    ...whole,
    edgeOverRing: 1,
    textureCorrelation: 0,
    gain: 1,
    gainSpread: Number.POSITIVE_INFINITY,
  });
  t.not(whole.edgeOverRing, 1);
});

t.test('shared cells are counted as a set would', async (t) => {
  const grid = gridOf(64, 48);
  const some = (seed: number): Component =>
    componentOf(
      Array.from({ length: 600 }, (_, cell) => cell).filter((cell) => noise(cell * 31 + seed) < 40),
      grid,
    );
  for (let seed = 0; seed < 20; seed++) {
    const [a, b] = [some(seed), some(seed * 7 + 3)];
    const own = new Set(a.cells);
    t.equal(sharedCells(a, b), [...b.cells].filter((cell) => own.has(cell)).length);
  }
});
