import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFont } from '#broker/print/font.ts';
import { clientIdOf } from '#contract/names.ts';
import { PUBLIC_MODE, replaceFile } from '../site-authority/durable-file.ts';
import { type LabelText, layOutLabel } from './label-layout.ts';
import { labelPdf } from './label-pdf.ts';
import { labelPng } from './label-picture.ts';

/** Leaves `{device}.png` and `{device}.pdf` in the folder; answers their paths. Rejects with WP4415 for want of a font. */
export async function writeLabel(
  label: LabelText,
  dir: string,
): Promise<readonly [png: string, pdf: string]> {
  const { address, place, roles } = label;
  const font = findFont(`${address.device}${address.site}${place}${roles.join('')} ·,…0123456789-`);
  const layout = layOutLabel(label, font);
  mkdirSync(dir, { recursive: true });
  const [png, pdf] = [join(dir, `${address.device}.png`), join(dir, `${address.device}.pdf`)];
  replaceFile(png, labelPng(layout, font), PUBLIC_MODE);
  replaceFile(pdf, await labelPdf(layout, { font, title: clientIdOf(address) }), PUBLIC_MODE);
  return [png, pdf];
}
