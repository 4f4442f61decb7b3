import type { FlashReport } from './flash-one.ts';
import { bytesInWords } from './quantities.ts';
import type { SourceBundle } from './source-bundle.ts';
import type { Sight, Target } from './target.ts';

/** What will be done, for a technician. */
export function planInWords(source: SourceBundle, { what, steps, risks }: Sight, { name }: Target): string {
  const { manifest, bytes, trust } = source;
  const held = trust === 'site' ? 'signed by the site' : 'whole; the device checks who signed it';
  const lines = [
    `bundle ${source.file}: generation ${manifest.generation} for ${manifest.device}, ${bytesInWords(bytes)}, ${held}`,
    `to ${name}: ${what}`,
    ...risks.map((risk) => `note: ${risk}`),
    ...(steps.length === 0 ? ['nothing is to be written: it is there already'] : steps.map(stepInWords)),
  ];
  return `${lines.join('\n')}\n`;
}

const stepInWords = (step: string, index: number): string => `  ${index + 1}. ${step}`;

export function reportInWords(report: FlashReport): string {
  const { writtenBytes, seconds, readBack, generation, device, to, next } = report;
  const did =
    writtenBytes === 0
      ? `${to} has generation ${generation} of ${device} already`
      : `flashed generation ${generation} of ${device} to ${to}: ${bytesInWords(writtenBytes)} in ${seconds.toFixed(1)} s`;
  const lines = [
    did,
    `  read back (${readBack.from}): ${readBack.how}`,
    ...(readBack.sha256 === null ? [] : [`  sha256 ${readBack.sha256}`]),
    `next: ${next}`,
  ];
  return `${lines.join('\n')}\n`;
}
