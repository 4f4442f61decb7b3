/**
 * The one form in which a document is signed and stored: keys in order, no spaces (Canonical JSON as TUF signs it).
 * Only for documents of plain ASCII without control characters, whole numbers, booleans, lists and mappings, as the
 * schemas of metadata.ts admit: for those it is what @tufjs/models signs, byte for byte.
 */
export function canonicalBytes(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document, inOrder), 'utf8');
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
