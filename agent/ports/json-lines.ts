/** Longest line taken: far above any order or report. */
const MAX_LINE_BYTES = 64 * 1024;

/** What a line turned out to be. */
export type Line = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/**
 * Cuts a byte stream into lines of JSON. Holds at most one line; a longer one, and one that is no JSON, is
 * answered as not ok, once, and skipped. Never throws, since the other end may be out of its mind.
 */
export class JsonLines {
  #parts: Buffer[] = [];
  #bytes = 0;
  #isSkipping = false;

  *add(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      if (this.#isSkipping) yield { ok: false };
      else if (this.#bytes > 0) yield parsed(Buffer.concat(this.#parts));
      this.#clear();
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    if (this.#isSkipping || part.length === 0) return;
    this.#bytes += part.length;
    this.#parts.push(part);
    if (this.#bytes <= MAX_LINE_BYTES) return;
    this.#clear();
    this.#isSkipping = true;
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#isSkipping = false;
  }
}

function parsed(bytes: Buffer): Line {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return { ok: true, value };
  } catch {
    return { ok: false }; // Said by the answer; there is nothing more to know about a line that is no JSON.
  }
}
