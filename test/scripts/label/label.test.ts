import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { decode } from 'fast-png';
import t from 'tap';
import { findFont } from '#broker/print/font.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type LabelText, layOutLabel } from '#scripts/label/label-layout.ts';
import { drawLabel } from '#scripts/label/label-picture.ts';
import { writeLabel } from '#scripts/label/write-label.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { readCode } from './read-code.ts';

const SERIAL = '4e107e6182ff68fed2e3a62bfd617bf8';
const LABEL: LabelText = {
  address: { site: 'mall', device: 'pillar-001' },
  place: 'North gate 12',
  roles: ['pillar'],
  serial: SERIAL,
  expiresAt: '2028-11-21T00:00:00.000Z',
};

/** What a test cannot do on a machine without any font. */
function noFont(text: string): string | false {
  try {
    findFont(text);
    return false;
  } catch (error) {
    if (error instanceof WatchpostError && error.code === 'WP4415') return error.message;
    throw error;
  }
}
const skip = noFont('abc');

t.test(
  'the code on the picture says site, device and serial number, for names of any length',
  { skip },
  async (t) => {
    const dir = temporaryFolder(t);
    const long = 'a'.repeat(32);
    for (const address of [LABEL.address, { site: 'a', device: 'b' }, { site: long, device: long }]) {
      const [png] = await writeLabel({ ...LABEL, address }, dir);
      const { width, height, data, channels, depth } = decode(readFileSync(png));
      t.strictSame([channels, depth], [1, 8]);
      t.equal(readCode({ width, height, data }), `WPP1:${address.site}.${address.device}#${SERIAL}`);
    }
  },
);

t.test(
  'a code in which one square was changed reads otherwise: the reader corrects nothing',
  { skip },
  async (t) => {
    const font = findFont('abc');
    const layout = layOutLabel(LABEL, font);
    const [first] = layout.squares.filter(({ x, y }) => x > 15 && y > 15);
    const changed = { ...layout, squares: layout.squares.filter((square) => square !== first) };
    t.not(readAnyhow(drawLabel(changed, font)), readCode(drawLabel(layout, font)));
  },
);

function readAnyhow(picture: Parameters<typeof readCode>[0]): string {
  try {
    return readCode(picture);
  } catch (error) {
    return String(error);
  }
}

t.test('words stand right of the code, within the label, in ink', { skip }, async (t) => {
  const font = findFont('abc');
  const layout = layOutLabel(LABEL, font);
  t.strictSame(
    layout.lines.map(({ text }) => text),
    ['pillar-001', 'North gate 12', 'mall · pillar', '4e107e61 · 2028-11-21'],
  );
  const { width, data } = drawLabel({ ...layout, squares: [] }, font);
  const dark = [...data.entries()].filter(([, value]) => value < 128).map(([at]) => at % width);
  t.ok(dark.length > 1000, `${dark.length} dark pixels`);
  const dotsPerMm = 300 / 25.4;
  t.ok(Math.min(...dark) >= 29 * dotsPerMm);
  t.ok(Math.max(...dark) <= 60 * dotsPerMm);
});

t.test(
  'a place that is too long becomes smaller, then shorter; the code stays as it is',
  { skip },
  async (t) => {
    const font = findFont('abc');
    const sizeOf = (place: string) => layOutLabel({ ...LABEL, place }, font).lines[1];
    const [short, longer, longest] = [sizeOf('gate'), sizeOf('gate '.repeat(7)), sizeOf('gate '.repeat(40))];
    t.ok((short?.sizeMm ?? 0) > (longer?.sizeMm ?? 0));
    t.equal(longer?.text, 'gate '.repeat(7));
    t.match(longest?.text, /^gate gate .*…$/);
    t.ok(font.widthOf(longest?.text ?? '') * (longest?.sizeMm ?? 0) <= 31);
  },
);

t.test(
  'Chinese and Cyrillic are on the label where a font has them',
  { skip: noFont('河滨路 Береговая') },
  async (t) => {
    const dir = temporaryFolder(t);
    const [, pdf] = await writeLabel({ ...LABEL, place: '河滨路 Береговая' }, dir);
    const bytes = readFileSync(pdf);
    t.match(bytes.subarray(0, 8).toString('latin1'), /^%PDF-1\./);
    // What was embedded tells which characters its glyphs are (ISO 32000-1 §9.10.3): so it can be searched and copied.
    const maps = streamsOf(bytes).filter((text) => text.includes('beginbf'));
    for (const character of '河滨路Бя') {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0');
      t.ok(
        maps.some((map) => map.toLowerCase().includes(code)),
        character,
      );
    }
  },
);

t.test('the code in the PDF is the one on the picture', { skip }, async (t) => {
  const [png, pdf] = await writeLabel(LABEL, temporaryFolder(t));
  const { width, height, data } = decode(readFileSync(png));
  const page = streamsOf(readFileSync(pdf)).find((text) => / re\n/.test(text)) ?? '';
  const drawn = { width, height, data: new Uint8Array(width * height).fill(255) };
  const dots = (points: string | undefined) => Math.round((Number(points) / 72) * 300);
  for (const [, x, y, w, h] of page.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re\n/g)) {
    const [left, right] = [dots(x), dots(String(Number(x) + Number(w)))];
    for (let row = dots(y); row < dots(String(Number(y) + Number(h))); row += 1) {
      drawn.data.fill(0, row * width + left, row * width + right);
    }
  }
  t.equal(readCode(drawn), readCode({ width, height, data }));
});

/** The compressed streams of a PDF, as text. */
function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream/gs)].flatMap(([, body = '']) => {
    try {
      return [inflateSync(Buffer.from(body, 'latin1')).toString('latin1')];
    } catch (error) {
      if (error instanceof Error) return [];
      throw error;
    }
  });
}

t.test('without a font that has the characters nothing is drawn, and the remedy is said', async (t) => {
  t.throws(() => findFont('abc', []), { code: 'WP4415', hint: /fonts-wqy-microhei/ });
  t.throws(() => findFont('abc', [import.meta.filename]), { code: 'WP4415' });
  t.throws(() => findFont('\u{10FFFD}'), { code: 'WP4415' });
});
