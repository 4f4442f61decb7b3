/** Figures as lines of `name  value`, nested names joined by blanks. */
export function tableOf(result: Readonly<Record<string, unknown>>): string {
  const rows = [...rowsOf('', result)];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

function* rowsOf(name: string, value: unknown): Generator<readonly [string, string]> {
  if (typeof value !== 'object' || value === null) yield [name, String(value)];
  else for (const [key, inner] of Object.entries(value)) yield* rowsOf(`${name} ${key}`.trim(), inner);
}
