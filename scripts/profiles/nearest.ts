/** The one of `known` that `word` is a slip of the hand away from, or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  const near = known
    .map((other) => ({ other, distance: editDistance(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  // A third of the letters: `suprevisionS` is supervisionS, `colour` is nothing that is here.
  return near !== undefined && near.distance <= Math.max(1, Math.floor(word.length / 3)) ? near.other : null;
}

/** How many letters to put in, leave out or change (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_none, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
