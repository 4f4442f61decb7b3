import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import { findFont } from '#broker/print/font.ts';
import type { Certificate } from '#contract/commission/certificate.ts';
import { isSimulated, type StepPicture } from '#contract/commission/run.ts';
import { type CommissionLanguage, commissionWord } from '#contract/commission/words.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type PaperText, paperText, type StepRow } from './layout.ts';

export interface PaperOrder {
  readonly certificate: Certificate;
  readonly language: CommissionLanguage;
  /** SHA-256 of the signer's key. */
  readonly fingerprint: string;
  /** Name of the certificate's file. */
  readonly file: string;
  /** Bytes of a picture by its id; one that is not kept any more is absent. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

type Paper = InstanceType<typeof PDFDocument>;

/** ISO 216 A4, in points of 1/72 inch. */
const PAGE = { width: 595.28, height: 841.89, margin: 42 } as const;
const INNER = PAGE.width - 2 * PAGE.margin;
const BOTTOM = PAGE.height - PAGE.margin - 18;
const COLUMNS = [150, 74, 187, 100] as const;
const RESULT_COLOURS = { passed: '#1b6e3a', excepted: '#8a5a00', 'not-passed': '#a11212' } as const;
const SIMULATED_COLOUR = '#555b66';
const STATE_COLOURS = {
  passed: '#1b6e3a',
  failed: '#a11212',
  open: '#a11212',
  running: '#a11212',
  skipped: '#8a5a00',
  accepted: '#8a5a00',
} as const;
const INK = '#111111';
const RULE = '#b8b8b8';

/** The certificate for people: A4, with pictures; a copy of what is signed. Rejects with WP4415 for want of a font. */
export async function drawPaper(order: PaperOrder): Promise<Buffer> {
  const { certificate, language } = order;
  const text = paperText(certificate, language);
  const font = legibleFont(order, text);
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: PAGE.margin, bottom: 0, left: PAGE.margin, right: PAGE.margin },
    bufferPages: true,
    info: {
      Title: `${text.title}: ${certificate.site}.${certificate.device}`,
      CreationDate: new Date(certificate.finishedAt),
    },
  });
  if (font.name === undefined) document.font(font.file);
  else document.font(font.file, font.name);
  new Drawing(document, { ...order, text, clean: font.clean }).draw();
  document.end();
  return buffer(document);
}

interface LegibleFont {
  readonly file: string;
  readonly name: string | undefined;
  readonly clean: (text: string) => string;
}

/** A character that no font of this machine has becomes a question mark: the file that is signed has it. */
function legibleFont({ certificate, language }: PaperOrder, text: PaperText): LegibleFont {
  const all = new Set([...JSON.stringify(certificate), ...JSON.stringify(text), ...'“”…–—→·']);
  const ours = [...all].filter((character) => character >= ' ').join('');
  try {
    return { ...findFont(ours), clean: (shown) => shown };
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    const { file, name } = findFont(`${commissionWord(language, 'paper', 'title')}0Aa`);
    const missing = new Set([...ours].filter((character) => !hasGlyph(file, character)));
    return { file, name, clean: (shown) => [...shown].map((c) => (missing.has(c) ? '?' : c)).join('') };
  }
}

function hasGlyph(file: string, character: string): boolean {
  try {
    findFont(character, [file]);
    return true;
  } catch (error) {
    if (error instanceof WatchpostError) return false;
    throw error;
  }
}

interface DrawingParts extends PaperOrder {
  readonly text: PaperText;
  readonly clean: (text: string) => string;
}

/** From the top of the first page downwards. */
class Drawing {
  readonly #document: Paper;
  readonly #parts: DrawingParts;
  #y: number = PAGE.margin;

  constructor(document: Paper, parts: DrawingParts) {
    this.#document = document;
    this.#parts = parts;
  }

  draw(): void {
    this.#head();
    this.#facts();
    this.#steps();
    this.#exceptions();
    this.#pictures();
    this.#signature();
    this.#footers();
  }

  #head(): void {
    const { text, certificate } = this.#parts;
    this.#write(text.title, { size: 17, width: INNER - 170 });
    const colour = isSimulated(certificate.steps) ? SIMULATED_COLOUR : RESULT_COLOURS[certificate.result];
    const left = PAGE.margin + INNER - 160;
    this.#document.roundedRect(left, PAGE.margin - 4, 160, 28, 4).fill(colour);
    this.#document
      .fillColor('#ffffff')
      .fontSize(10.5)
      .text(this.#parts.clean(text.result), left + 4, PAGE.margin + 3.5, { width: 152, align: 'center' });
    this.#y = PAGE.margin + 36;
  }

  #facts(): void {
    for (const [name, value] of this.#parts.text.facts) {
      const height = Math.max(this.#heightOf(value, { size: 9.5, width: INNER - 130 }), 12) + 3;
      this.#room(height);
      this.#at(name, { x: PAGE.margin, size: 9.5, width: 124, colour: '#555555' });
      this.#at(value, { x: PAGE.margin + 130, size: 9.5, width: INNER - 130 });
      this.#y += height;
    }
    this.#y += 8;
  }

  #steps(): void {
    this.#header();
    for (const row of this.#parts.text.rows) {
      const cells = [row.name, row.stateWord, row.found, row.who];
      const height = Math.max(...cells.map((cell, at) => this.#cellHeight(cell, at))) + 7;
      if (this.#room(height) === 'turned') this.#header();
      this.#row(row, height);
    }
    this.#y += 10;
  }

  #header(): void {
    const words = ['step', 'state', 'measured', 'who'].map((key) => this.#word(key));
    this.#document.rect(PAGE.margin, this.#y, INNER, 17).fill('#eeeeee');
    words.forEach((word, at) => {
      this.#at(word, { x: this.#left(at) + 3, dy: 4, size: 8.5, width: this.#widthOf(at) });
    });
    this.#y += 17;
  }

  #row({ name, state, stateWord, found, who }: StepRow, height: number): void {
    [name, stateWord, found, who].forEach((cell, at) => {
      const colour = at === 1 ? STATE_COLOURS[state] : INK;
      this.#at(cell, { x: this.#left(at) + 3, dy: 3.5, size: 8.5, width: this.#widthOf(at), colour });
    });
    this.#y += height;
    this.#document
      .moveTo(PAGE.margin, this.#y)
      .lineTo(PAGE.margin + INNER, this.#y)
      .lineWidth(0.5)
      .stroke(RULE);
  }

  #exceptions(): void {
    const { exceptions } = this.#parts.text;
    this.#heading(this.#word('exceptions'));
    if (exceptions.length === 0) this.#write(this.#word('noException'), { size: 9.5 });
    for (const exception of exceptions)
      this.#write(exception, { size: 9.5, colour: RESULT_COLOURS['not-passed'] });
    this.#y += 8;
  }

  #pictures(): void {
    const pictures = this.#parts.certificate.steps.flatMap((step) => step.pictures);
    if (pictures.length === 0) return;
    this.#heading(this.#word('pictures'), 240);
    for (const picture of pictures) this.#picture(picture);
  }

  #picture(picture: StepPicture): void {
    const bytes = this.#parts.pictures.get(picture.blobId);
    const size = bytes === undefined ? null : pngSize(bytes);
    if (bytes === undefined || size === null) {
      this.#write(`${this.#word('pictureGone')} ${picture.sha256}`, { size: 8.5 });
      return;
    }
    const width = Math.min(INNER, 400);
    const height = (size.height / size.width) * width;
    this.#room(height + 30);
    this.#document.image(Buffer.from(bytes), PAGE.margin, this.#y, { width, height });
    for (const zone of picture.zones) this.#zone(zone, { width, height });
    this.#y += height + 4;
    this.#write(`${this.#word('pictureNote')} ${picture.sha256}`, { size: 8 });
    this.#y += 6;
  }

  #zone(
    { name, points }: StepPicture['zones'][number],
    { width, height }: { width: number; height: number },
  ): void {
    const corners = points.map(([x, y]): [number, number] => [PAGE.margin + x * width, this.#y + y * height]);
    const [first] = corners;
    if (first === undefined) return;
    this.#document
      .polygon(...corners)
      .lineWidth(1.2)
      .stroke('#ffd400');
    this.#document
      .fillColor('#ffd400')
      .fontSize(8)
      .text(this.#parts.clean(name), first[0] + 3, first[1] + 3, { lineBreak: false });
  }

  #signature(): void {
    const { fingerprint, file } = this.#parts;
    this.#heading(this.#word('signature'), 130);
    this.#write(`${this.#word('signedBy')}: ${fingerprint}`, { size: 8.5 });
    this.#write(this.#word('verify', { file }), { size: 8.5 });
    this.#y += 46;
    const half = INNER / 2 - 12;
    for (const [at, key] of ['person', 'acceptor'].entries()) {
      const left = PAGE.margin + at * (half + 24);
      this.#document
        .moveTo(left, this.#y)
        .lineTo(left + half, this.#y)
        .lineWidth(0.7)
        .stroke(INK);
      this.#at(this.#word(key), { x: left, dy: 4, size: 8.5, width: half });
    }
  }

  #footers(): void {
    const { start, count } = this.#document.bufferedPageRange();
    const { id } = this.#parts.certificate;
    for (let page = 0; page < count; page += 1) {
      this.#document.switchToPage(start + page);
      this.#y = PAGE.height - PAGE.margin;
      this.#at(id, { x: PAGE.margin, size: 8, width: 300, colour: '#555555' });
      const number = this.#word('page', { page: page + 1, pages: count });
      this.#at(number, {
        x: PAGE.margin + INNER - 150,
        size: 8,
        width: 150,
        colour: '#555555',
        align: 'right',
      });
    }
  }

  #heading(text: string, least = 40): void {
    this.#room(least);
    this.#write(text, { size: 11.5 });
    this.#y += 3;
  }

  /** A paragraph, over as many pages as it takes line by line. */
  #write(
    text: string,
    { size, width = INNER, colour = INK }: { size: number; width?: number; colour?: string },
  ): void {
    const height = this.#heightOf(text, { size, width });
    this.#room(height);
    this.#at(text, { x: PAGE.margin, size, width, colour });
    this.#y += height + 2;
  }

  #at(
    text: string,
    {
      x,
      dy = 0,
      size,
      width,
      colour = INK,
      align = 'left',
    }: { x: number; dy?: number; size: number; width: number; colour?: string; align?: 'left' | 'right' },
  ): void {
    this.#document
      .fillColor(colour)
      .fontSize(size)
      .text(this.#parts.clean(text), x, this.#y + dy, { width, align });
  }

  /** A new page where there is too little left of this one. */
  #room(height: number): 'there' | 'turned' {
    if (this.#y + height <= BOTTOM) return 'there';
    this.#document.addPage();
    this.#y = PAGE.margin;
    return 'turned';
  }

  #heightOf(text: string, { size, width }: { size: number; width: number }): number {
    return this.#document.fontSize(size).heightOfString(this.#parts.clean(text), { width });
  }

  #cellHeight(cell: string, at: number): number {
    return this.#heightOf(cell, { size: 8.5, width: this.#widthOf(at) });
  }

  #left(column: number): number {
    return PAGE.margin + COLUMNS.slice(0, column).reduce((sum, width) => sum + width, 0);
  }

  #widthOf(column: number): number {
    return (COLUMNS[column] ?? 0) - 6;
  }

  #word(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    return commissionWord(this.#parts.language, 'paper', key, values);
  }
}

/** Of what devices send (W3C PNG §11.2.2); null for anything else. */
function pngSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 24 || view.getUint32(0) !== 0x89504e47) return null;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return width > 0 && height > 0 ? { width, height } : null;
}
