import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';

/** One step of an outline, in units of the font; y is upwards. */
export interface OutlineStep {
  readonly command: string;
  readonly args: readonly number[];
}

/** A font in which every character of a text is there. */
export interface PrintFont {
  readonly file: string;
  /** Its name within a collection (.ttc); undefined for a file of one font. */
  readonly name: string | undefined;
  /** Of a text, as a multiple of the font's size. */
  widthOf(text: string): number;
  /** Outlines with what is left of them, both as multiples of the font's size but the steps: those are in 1/`units`. */
  outlinesOf(text: string): readonly { readonly x: number; readonly steps: readonly OutlineStep[] }[];
  readonly units: number;
}

/** Small and with Chinese first; what a Debian machine may have else is looked through after them. */
const LIKELY = [
  '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc',
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
] as const;
const OTHERS = '/usr/share/fonts/**/*.{ttf,otf,ttc}';
/** Each takes some 30 ms to open. */
const MOST_LOOKED_AT = 80;

interface Glyph {
  readonly id: number;
  readonly path: { readonly commands: readonly OutlineStep[] };
}
interface Font {
  readonly postscriptName: string;
  readonly unitsPerEm: number;
  layout(text: string): {
    readonly glyphs: readonly Glyph[];
    readonly positions: readonly { readonly xAdvance: number }[];
  };
}
type Fontkit = { openSync(file: string): Font | { readonly fonts: readonly Font[] } };

const isFontkit = (value: unknown): value is Fontkit =>
  z.object({ openSync: z.custom<Fontkit['openSync']>((part) => typeof part === 'function') }).safeParse(value)
    .success;

/** Throws WP4415 when none of this machine's fonts has all characters. `files`: instead of those of the system. */
export function findFont(text: string, files: readonly string[] = systemFonts()): PrintFont {
  const fontkit = loadFontkit();
  for (const file of files.slice(0, MOST_LOOKED_AT)) {
    const font = open(fontkit, file, text);
    if (font !== null) return printFont(file, font);
  }
  throw new WatchpostError('WP4415', { detail: `no font has all of: ${text}` });
}

function systemFonts(): string[] {
  const likely = LIKELY.filter((file) => existsSync(file));
  return [...likely, ...globSync(OTHERS).filter((file) => !likely.some((known) => known === file))];
}

/** The one that pdfkit brings and draws with itself. */
function loadFontkit(): Fontkit {
  const loaded: unknown = createRequire(createRequire(import.meta.url).resolve('pdfkit'))('fontkit');
  if (!isFontkit(loaded)) throw new WatchpostError('WP4415', { detail: 'fontkit has another shape' });
  return loaded;
}

/** Null for a file that lacks a character, or is no font that can be drawn with: the next may be one. */
function open(fontkit: Fontkit, file: string, text: string): Font | null {
  try {
    const opened = fontkit.openSync(file);
    const faces = 'fonts' in opened ? opened.fonts : [opened];
    const font = faces.find(({ postscriptName }) => /sc-/i.test(postscriptName)) ?? faces[0];
    return font?.layout(text).glyphs.every(({ id }) => id !== 0) ? font : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function printFont(file: string, font: Font): PrintFont {
  const units = font.unitsPerEm;
  const advances = (text: string) => font.layout(text).positions.map(({ xAdvance }) => xAdvance / units);
  return {
    ...{ file, name: /\.[to]tc$/i.test(file) ? font.postscriptName : undefined, units },
    widthOf: (text) => advances(text).reduce((sum, advance) => sum + advance, 0),
    outlinesOf: (text) => {
      const steps = advances(text);
      return font.layout(text).glyphs.map(({ path }, at) => ({
        x: steps.slice(0, at).reduce((sum, advance) => sum + advance, 0),
        steps: path.commands,
      }));
    },
  };
}
