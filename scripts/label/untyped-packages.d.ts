/** What of these packages labels use; neither brings types of its own. */
declare module 'pdfkit' {
  import type { Readable } from 'node:stream';

  interface PdfOptions {
    /** Points of 1/72 inch. */
    readonly size: readonly [number, number];
    readonly margin: number;
    readonly info: Readonly<Record<string, string | Date>>;
  }
  class PDFDocument extends Readable {
    constructor(options: PdfOptions);
    font(file: string, name?: string): this;
    fontSize(points: number): this;
    text(text: string, x: number, y: number, options: { readonly lineBreak: false }): this;
    rect(x: number, y: number, width: number, height: number): this;
    fill(color?: string): this;
    fillColor(color: string): this;
    end(): void;
  }
  export = PDFDocument;
}
