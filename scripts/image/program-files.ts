import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin, stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** What a program consists of. */
export interface ProgramFiles {
  /** Files of the project, from its root. */
  readonly files: readonly string[];
  /** npm packages that these import. */
  readonly packages: readonly string[];
}

/** What a device starts: the agent with what is loaded ahead of it, and the vision process. */
export const DEVICE_PROGRAMS = ['agent/main.ts', 'agent/lean-modules.ts', 'agent/vision/main.ts'] as const;

const SPECIFIER =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|createRequire\([^()]*\)\(\s*)'([^'\n]+)'/g;
/** Another program or worker, or data beside the file. */
const BESIDE = /new URL\(\s*'([^'\n]+)',\s*import\.meta\.url/g;

/**
 * Follows the imports of programs, those of types apart: `import`, `import()`, what createRequire brings, and modules
 * that are named by `new URL('./x.ts', import.meta.url)`, as those of workers are.
 * @param imports `imports` of package.json: { '#agent/*': './agent/*' }
 */
export function programFiles(
  root: string,
  programs: readonly string[],
  imports: Readonly<Record<string, string>>,
): ProgramFiles {
  const files = new Set<string>(programs);
  const packages = new Set<string>();
  for (const file of files) {
    for (const specifier of specifiersIn(readFileSync(join(root, file), 'utf8'))) {
      const path = pathOf(specifier, file, imports);
      if (path === null) {
        if (!isBuiltin(specifier)) packages.add(packageNameOf(specifier));
      } else if (path.endsWith('.ts') && existsSync(join(root, path))) files.add(path);
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** Node takes types out as it does when it runs the file, so that what is left is imported in fact. */
export function specifiersIn(source: string): string[] {
  const script = stripTypeScriptTypes(source);
  return [
    ...[...script.matchAll(SPECIFIER)].map(([, specifier = '']) => specifier),
    ...[...script.matchAll(BESIDE)].map(([, path = '']) => (path.startsWith('.') ? path : `./${path}`)),
  ];
}

/** Path from the root, or null for a package. */
function pathOf(specifier: string, from: string, imports: Readonly<Record<string, string>>): string | null {
  if (specifier.startsWith('.')) return relative('/', resolve('/', dirname(from), specifier));
  const [prefix, target] = Object.entries(imports).find(([key]) =>
    specifier.startsWith(key.replace('*', '')),
  ) ?? ['', ''];
  if (prefix === '') return null;
  return join(target.replace('*', ''), specifier.slice(prefix.length - 1));
}

/** `@scope/name/inner/file` → `@scope/name`. */
function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
