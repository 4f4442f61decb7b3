import { encode } from 'uqr';
import type { PrintFont } from '#broker/print/font.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';

/** What is on the label of a device: nothing of it is a secret. */
export interface LabelText {
  readonly address: DeviceAddress;
  readonly place: string;
  readonly roles: readonly string[];
  /** Of the certificate, hexadecimal digits. */
  readonly serial: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** Millimetres from the top left; `y` of a line is its baseline. */
export interface LabelLayout {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly squares: readonly { readonly x: number; readonly y: number; readonly size: number }[];
  readonly lines: readonly {
    readonly x: number;
    readonly y: number;
    readonly sizeMm: number;
    readonly text: string;
  }[];
}

/** A common size of label printers (62 mm tape, DK-11209). */
const WIDTH_MM = 62;
const HEIGHT_MM = 29;
/** ISO/IEC 18004 §5.3.8: four modules of white around. */
const QUIET = 4;
const TEXT_SIZES_MM = [3.4, 2.6, 2.2, 2.2] as const;
const SMALLEST_MM = 1.4;
const LINE_STEP_MM = 5.6;
const RIGHT_EDGE_MM = WIDTH_MM - 2;

/** What the code says: `WPP1:{site}.{device}#{serial}`. */
export const codeText = ({ address, serial }: LabelText): string => `WPP1:${clientIdOf(address)}#${serial}`;

/** A code to read with a phone, and the same for people. A line that is too long becomes smaller, and then shorter. */
export function layOutLabel(label: LabelText, font: PrintFont): LabelLayout {
  // Level M: 15 % of the code may be scratched. No more, so that its squares stay large.
  const { data, size } = encode(codeText(label), { ecc: 'M', boostEcc: false, border: 0 });
  const module = HEIGHT_MM / (size + 2 * QUIET);
  const squares = data.flatMap((row, y) =>
    row.flatMap((dark, x) =>
      dark ? [{ x: (x + QUIET) * module, y: (y + QUIET) * module, size: module }] : [],
    ),
  );
  const lines = linesOf(label).map((text, at) => ({
    ...fit(text, { font, sizeMm: TEXT_SIZES_MM[at] ?? SMALLEST_MM, widthMm: RIGHT_EDGE_MM - HEIGHT_MM }),
    ...{ x: HEIGHT_MM, y: 6.5 + at * LINE_STEP_MM },
  }));
  return { widthMm: WIDTH_MM, heightMm: HEIGHT_MM, squares, lines };
}

const linesOf = ({ address, place, roles, serial, expiresAt }: LabelText): string[] => [
  address.device,
  place,
  `${address.site} · ${roles.join(', ')}`,
  `${serial.slice(0, 8)} · ${expiresAt.slice(0, 10)}`,
];

function fit(text: string, { font, sizeMm, widthMm }: { font: PrintFont; sizeMm: number; widthMm: number }) {
  const widthOf = (shown: string) => font.widthOf(shown) * SMALLEST_MM;
  if (font.widthOf(text) * SMALLEST_MM <= widthMm) {
    return { text, sizeMm: Math.min(sizeMm, widthMm / Math.max(font.widthOf(text), 1e-6)) };
  }
  const characters = [...text];
  while (characters.length > 0 && widthOf(`${characters.join('')}…`) > widthMm) characters.pop();
  if (characters.length === 0) throw new WatchpostError('WP4415', { detail: 'a line does not fit' });
  return { text: `${characters.join('')}…`, sizeMm: SMALLEST_MM };
}
