import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Says which of these programs are missing here and what brings them; false where none is. */
export function withoutPrograms(names: readonly string[]): string | false {
  const missing = names.filter((name) => !onPath(name));
  return missing.length > 0 && `${missing.join(', ')} not installed (scripts/test --extended does)`;
}

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
