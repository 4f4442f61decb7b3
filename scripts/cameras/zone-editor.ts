import { fileURLToPath } from 'node:url';
import type { Zone } from '#agent/ports/vision-zones.ts';
import type { Picture } from '#agent/vision/evidence/pictures.ts';
import type { DrawnZone } from './page/drawn-zone.ts';
import { dataUrlOf } from './zone-drawing.ts';

export interface ZoneEditorContent {
  readonly picture: Picture;
  readonly zones: readonly Zone[];
  /** The camera's own, told beside the fields. */
  readonly dwellS: number;
  /** What the picture is of. */
  readonly title: string;
}

/** One file that needs nothing else and calls nobody: it may be carried to a phone and opened there. */
export async function zoneEditorPage({ picture, zones, dwellS, title }: ZoneEditorContent): Promise<string> {
  const { script, style } = await bundled();
  const { width, height } = picture;
  const given: DrawnZone[] = zones.map(({ name, kind, polygon, dwellS: own }) => ({
    name,
    kind,
    dwellS: own === undefined ? '' : String(own),
    polygon: polygon.map(([x, y]) => [x, y]),
  }));
  const scale = 1000 / width;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Zones: ${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<section aria-labelledby="heading">
<h1 id="heading">Zones: ${escaped(title)}</h1>
<svg id="stage" viewBox="0 0 1000 ${Math.round(height * scale)}" role="group" aria-label="The picture with its zones">
<image href="${dataUrlOf(picture)}" width="1000" height="${Math.round(height * scale)}"/>
</svg>
<p>Drag the corners, or move one with the arrow keys (Shift: farther). A grey point becomes a corner; Delete removes
one. A thing is in a zone when the middle of its lower edge is: draw on the ground. Where no zone says otherwise
things are reported after ${dwellS} s.</p>
</section>
<section aria-label="Zones and what to copy">
<div id="zones"></div>
<p><button type="button" id="add">Add a zone</button></p>
<ul id="problems" role="status" aria-live="polite"></ul>
<label for="yaml"><span>Copy this below <code>camera:</code> in the profile or the site file:</span></label>
<textarea id="yaml" rows="12" readonly spellcheck="false"></textarea>
<p><button type="button" id="copy">Copy</button> <span id="copied" role="status"></span></p>
</section>
</main>
<script type="application/json" id="given">${JSON.stringify(given).replaceAll('<', '\\u003c')}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

/** The page's own script and style, put together from scripts/cameras/page. */
async function bundled(): Promise<{ script: string; style: string }> {
  // A tool of some size that the other commands need not load.
  const { build } = await import('esbuild');
  const [script, style] = await Promise.all(
    ['editor.ts', 'editor.css'].map(async (name) => {
      const entry = fileURLToPath(new URL(`./page/${name}`, import.meta.url));
      const { outputFiles } = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        format: 'esm',
        target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
        minify: true,
        logLevel: 'error',
      });
      return (outputFiles[0]?.text ?? '').trim().replaceAll('</', '<\\/');
    }),
  );
  return { script: script ?? '', style: style ?? '' };
}
