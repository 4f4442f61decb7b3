/** Where a value was written. Lines count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** A plain value and, by JSON path (`sensors[0].unit`, `` for the whole), where each part of it was written. */
export interface Located {
  readonly value: unknown;
  readonly origins: ReadonlyMap<string, Origin>;
}

export function childPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** The origin of `path`, or of the nearest enclosing value that has one. */
export function originOf(origins: ReadonlyMap<string, Origin>, path: string): Origin | undefined {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[]*|\[\d+\]|^[^.[]+)$/, '')) {
    const origin = origins.get(at);
    if (origin !== undefined) return origin;
  }
  return origins.get('');
}
