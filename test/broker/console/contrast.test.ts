import { readFileSync } from 'node:fs';
import t from 'tap';

const css = readFileSync(new URL('../../../broker/console/styles/tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split('@media');

/** Text and the grounds it stands on. */
const PAIRS = [
  ['--text', ['--ground', '--panel', '--raised', '--chosen', '--alarm-ground']],
  ['--quiet', ['--ground', '--panel', '--raised', '--alarm-ground']],
  ['--alarm', ['--panel', '--raised', '--alarm-ground']],
  ['--on-alarm', ['--alarm']],
  ['--on-accent', ['--accent']],
  ['--accent', ['--panel', '--raised']],
  ['--caution', ['--panel', '--raised', '--caution-ground', '--alarm-ground']],
  ['--good', ['--panel', '--raised', '--alarm-ground']],
] as const;

for (const [scheme, text] of Object.entries({ light, dark })) {
  t.test(`text can be read on every ground it stands on (${scheme})`, async (t) => {
    for (const [front, grounds] of PAIRS) {
      for (const ground of grounds) {
        const ratio = contrast(colour(text, front), colour(text, ground));
        t.ok(ratio >= 4.5, `${front} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });
}

/** Red, green, blue as linear light, 0 to 1 (WCAG 2.2, relative luminance). */
function colour(scheme: string, name: string): number[] {
  const [, hex = ''] = new RegExp(`${name}: #([0-9a-f]{6});`).exec(scheme) ?? [];
  t.not(hex, '', `${name} is defined`);
  return [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

function contrast(a: number[], b: number[]): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance([red = 0, green = 0, blue = 0]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
