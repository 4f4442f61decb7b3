import { existsSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { GstreamerConfig, SOURCE_PATTERN } from '#agent/drivers/gstreamer/config.ts';
import { redacted } from '#agent/drivers/gstreamer/launch.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type CameraChoice, type CameraPart, profileCamera } from '../cameras/profile-camera.ts';
import { takeStill } from '../cameras/still.ts';
import { zonesPng, zonesSvg } from '../cameras/zone-drawing.ts';
import { zoneEditorPage } from '../cameras/zone-editor.ts';
import { figuresOf, type PictureFigures, percent } from '../cameras/zone-figures.ts';
import { drawClips } from '../clips/draw.ts';

interface ZonesOptions extends Partial<CameraChoice> {
  readonly input?: string;
  readonly out?: string;
  readonly edit?: true;
  readonly after: number;
  readonly json?: true;
}

/** What is drawn on: a camera as its profile has it, or a bare source. */
interface Drawn {
  readonly zones: readonly Zone[];
  readonly dwellS: number;
  readonly width: number;
  /** Null where the profile leaves it to the simulator. */
  readonly source: string | null;
}

const FORMATS = ['.svg', '.png', '.html'];
/** The scene is known after ten seconds; before, everything is hidden. */
const AFTER_S = 12;
const BARE: Drawn = { zones: [], dwellS: 60, width: 640, source: null };

/** `watchpost camera zones --profile FILE [--site-file FILE --device ID] [--input FILE|URL] [--out FILE] [--edit] [--json]` */
export function cameraZonesCommand(): Command {
  return new Command('zones')
    .description('check, show and draw the zones of a camera')
    .option('--profile <file>', 'the device’s profile')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--device <id>', 'which device of the site file')
    .option('--input <file-or-url>', 'take the picture from here instead of the profile’s camera', source)
    .option(
      '--out <file>',
      'draw them over a picture of the camera: .svg, .png, or .html to edit them',
      output,
    )
    .option('--edit', 'write a page on which zones are drawn (zones.html unless --out names another)')
    .addOption(
      new Option('--after <seconds>', 'watch for so long before the picture is taken')
        .default(AFTER_S)
        .argParser(seconds),
    )
    .option('--json', 'print only JSON lines')
    .addHelpText('after', HELP)
    .action(zones);
}

const HELP = `
Without --out and --edit no camera is needed: the zones are checked and listed.
In the picture who and what moves is past recognition; nothing else is ever written.
Zones that cannot be right are refused with file, line, path and what would be right (exit 1).`;

function source(text: string): string {
  if (SOURCE_PATTERN.test(text) && !text.startsWith('sim:')) return text;
  throw new InvalidArgumentError('use a file, rtsp://…, v4l2:///dev/videoN or test://');
}

function output(text: string): string {
  if (FORMATS.includes(extname(text).toLowerCase())) return text;
  throw new InvalidArgumentError(`end it in ${FORMATS.join(', ')}`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 600) return value;
  throw new InvalidArgumentError('use 0 to 600 seconds');
}

/** Throws WP5024 for a use that gives nothing to draw, WP5061 when the file cannot be written; see takeStill. */
async function zones(options: ZonesOptions): Promise<void> {
  const drawn = drawnOf(options);
  const figures = figuresOf(drawn.zones, drawn.dwellS);
  const out = options.out ?? (options.edit ? 'zones.html' : null);
  if (options.edit && out !== null && !out.toLowerCase().endsWith('.html')) {
    throw new WatchpostError('WP5024', {
      detail: `--edit writes a page, not ${out}`,
      hint: 'End --out in .html.',
    });
  }
  if (out !== null) requireFolder(out);
  if (options.json) process.stdout.write(jsonLines(figures));
  else process.stdout.write(tableOf(figures, drawn.dwellS));
  if (out === null) return;
  write(out, await fileFor(out, drawn, options));
  const line = options.json ? JSON.stringify({ written: out }) : `written: ${out}`;
  process.stdout.write(`${line}\n`);
}

function drawnOf({ profile, input, ...site }: ZonesOptions): Drawn {
  if (profile === undefined && input === undefined) {
    throw new WatchpostError('WP5024', {
      detail: 'no camera is named',
      hint: 'Give --profile FILE, or --input FILE|URL.',
    });
  }
  if (profile === undefined) return { ...BARE, source: input ?? null };
  const camera = profileCamera({ profile, ...site });
  const { zones, dwellS, width } = camera;
  return { zones, dwellS, width, source: input ?? sourceOf(camera) };
}

function sourceOf({ with: driver }: CameraPart): string | null {
  if (driver.driver !== 'gstreamer') return null;
  const { source } = GstreamerConfig.parse(driver);
  return source.startsWith('sim:') ? null : source;
}

async function fileFor(
  out: string,
  { zones, dwellS, width, source }: Drawn,
  options: ZonesOptions,
): Promise<string | Uint8Array> {
  const from = source ?? (await drawClips()).bag;
  const picture = await takeStill({ source: from, width, afterS: options.after });
  if (out.toLowerCase().endsWith('.svg')) return zonesSvg(picture, zones, dwellS);
  if (out.toLowerCase().endsWith('.png')) return zonesPng(picture, zones);
  return zoneEditorPage({ picture, zones, dwellS, title: options.profile ?? redacted(options.input ?? '') });
}

/** Before anybody waits for a picture. */
function requireFolder(out: string): void {
  if (!existsSync(dirname(out))) throw new WatchpostError('WP5061', { detail: `no folder ${dirname(out)}` });
}

function write(out: string, content: string | Uint8Array): void {
  try {
    writeFileSync(out, content, { mode: 0o600 });
  } catch (cause) {
    throw new WatchpostError('WP5061', { detail: cause instanceof Error ? cause.message : out, cause });
  }
}

function tableOf({ zones, overlaps, watchedShare, remarks }: PictureFigures, dwellS: number): string {
  if (zones.length === 0) return `no zones: the whole picture is watched, with a dwell time of ${dwellS} s\n`;
  const rows = zones.map(({ name, kind, dwellS, share, ownShare }) => [
    name,
    kind,
    dwellS === null ? '—' : `${dwellS} s`,
    percent(share),
    percent(ownShare),
  ]);
  const lines = [
    ...columns([['zone', 'kind', 'dwell', 'of picture', 'where it holds'], ...rows]),
    ...overlaps.map(
      ({ zones: [a, b], share }) => `${a} and ${b} overlap in ${percent(share)} of the picture`,
    ),
    `watched: ${percent(watchedShare)} of the picture; never judged: ${percent(1 - watchedShare)}`,
    ...remarks.map((remark) => `remark: ${remark}`),
  ];
  return `${lines.join('\n')}\n`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function jsonLines({ zones, overlaps, watchedShare, remarks }: PictureFigures): string {
  const lines = [
    ...zones.map(({ name, share, ownShare, ...zone }) => ({
      zone: name,
      ...zone,
      share: rounded(share),
      ownShare: rounded(ownShare),
    })),
    ...overlaps.map(({ zones: names, share }) => ({ overlap: names, share: rounded(share) })),
    { watchedShare: rounded(watchedShare), remarks },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const rounded = (share: number): number => Number(share.toFixed(4));
