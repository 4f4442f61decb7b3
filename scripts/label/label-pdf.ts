import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import type { PrintFont } from '#broker/print/font.ts';
import type { LabelLayout } from './label-layout.ts';

const POINTS_PER_MM = 72 / 25.4;

/** The label as PDF of its own size; of the font only what is used is in it. */
export async function labelPdf(
  { widthMm, heightMm, squares, lines }: LabelLayout,
  { font, title }: { font: PrintFont; title: string },
): Promise<Uint8Array> {
  const points = (mm: number) => mm * POINTS_PER_MM;
  const document = new PDFDocument({
    ...{ size: [points(widthMm), points(heightMm)], margin: 0, info: { Title: title } },
  });
  for (const { x, y, size } of squares) document.rect(points(x), points(y), points(size), points(size));
  document.fill('black');
  if (font.name === undefined) document.font(font.file);
  else document.font(font.file, font.name);
  for (const { x, y, sizeMm, text } of lines) {
    // pdfkit counts from the top of the line: its ascent is close to the size in the fonts used here.
    document.fontSize(points(sizeMm)).text(text, points(x), points(y - sizeMm), { lineBreak: false });
  }
  document.end();
  return buffer(document);
}
