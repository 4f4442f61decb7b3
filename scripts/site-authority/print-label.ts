import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { LabelText } from '../label/label-layout.ts';

/** In the site's folder. */
const LABELS = 'labels';

/**
 * Leaves the device's label in the site's folder; answers its files. A label that cannot be drawn is told on standard error
 * and keeps nothing from being done.
 */
export async function printLabel(siteDir: string, label: LabelText): Promise<readonly string[]> {
  // pdfkit takes 100 MB and half a second: only where a label is drawn.
  const { writeLabel } = await import('../label/write-label.ts');
  try {
    return await writeLabel(label, join(siteDir, LABELS));
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
    return [];
  }
}
