import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Also inputs of every page: what it is bundled from, and this very script. */
const SHARED_INPUTS = ['package-lock.json', 'scripts/commands/build-page.ts'];
const STAMP = '.inputs';

export interface PageSource {
  /** Names the script and the style. */
  readonly name: string;
  /** Folder of `main.tsx`, `icon.svg` and `index.html`, from the project's root. */
  readonly source: string;
  /** What else it is made from, from the project's root: folders, or files that end in .ts or .json. */
  readonly inputs: readonly string[];
  /** Browsers, as esbuild calls them. */
  readonly target: readonly string[];
}

export interface PageBuild {
  readonly dir: string;
  /** `current`: nothing had changed since the bundle there was made. */
  readonly outcome: 'built' | 'current';
}

/** Bundles a page into `outDir`, if anything changed since it was last bundled there. */
export async function buildPage(page: PageSource, outDir: string): Promise<PageBuild> {
  const stamp = await hashOfInputs(page);
  if ((await readStamp(outDir)) === stamp) return { dir: outDir, outcome: 'current' };
  await mkdir(outDir, { recursive: true });
  const assets = await bundle(page, outDir);
  await writePage(page, outDir, assets);
  await removeOldAssets(outDir, assets);
  await writeWhole(join(outDir, STAMP), stamp);
  return { dir: outDir, outcome: 'built' };
}

interface Assets {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

/** Names carry a hash of the content, so a browser may keep them for ever, and a new page never meets an old script. */
async function bundle({ name, source, target }: PageSource, outDir: string): Promise<Assets> {
  // Loaded only when there is something to bundle: an up-to-date start does not wait for it.
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { [name]: join(ROOT, source, 'main.tsx'), icon: join(ROOT, source, 'icon.svg') },
    outdir: join(outDir, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: [...target],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    minify: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'error',
  });
  return assetsOf(metafile, outDir);
}

function assetsOf(metafile: Metafile, outDir: string): Assets {
  const names = Object.keys(metafile.outputs).map((path) =>
    relative(outDir, join(ROOT, path)).split(sep).join('/'),
  );
  const ending = (end: string): string => {
    const name = names.find((path) => path.endsWith(end));
    if (name === undefined) throw new ReferenceError(`the bundler made no ${end} file`);
    return name;
  };
  return { script: ending('.js'), style: ending('.css'), icon: ending('.svg') };
}

/** Last, and in one step: a page that is being served always names assets that are there. */
async function writePage(
  { source }: PageSource,
  outDir: string,
  { script, style, icon }: Assets,
): Promise<void> {
  const template = await readFile(join(ROOT, source, 'index.html'), 'utf8');
  const page = template
    .replace('%SCRIPT%', `/${script}`)
    .replace('%STYLE%', `/${style}`)
    .replace('%ICON%', `/${icon}`);
  await writeWhole(join(outDir, 'index.html'), page);
}

async function removeOldAssets(outDir: string, assets: Assets): Promise<void> {
  const kept = new Set(Object.values(assets).flatMap((name) => [name, `${name}.map`]));
  const names = await readdir(join(outDir, 'assets'));
  const old = names.filter((name) => !kept.has(`assets/${name}`));
  await Promise.all(old.map((name) => rm(join(outDir, 'assets', name), { force: true })));
}

async function writeWhole(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content);
  await rename(draft, path);
}

async function readStamp(outDir: string): Promise<string | null> {
  try {
    return await readFile(join(outDir, STAMP), 'utf8');
  } catch {
    return null; // never built there
  }
}

async function hashOfInputs(page: PageSource): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(page));
  for (const path of await inputFiles(page)) {
    hash.update(`${relative(ROOT, path)}\0`);
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

async function inputFiles({ source, inputs }: PageSource): Promise<string[]> {
  const paths = [source, ...inputs, ...SHARED_INPUTS].map((name) => join(ROOT, name));
  const lists = await Promise.all(paths.map(filesUnder));
  return lists.flat().sort();
}

async function filesUnder(path: string): Promise<string[]> {
  if (/\.(ts|json)$/.test(path)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
