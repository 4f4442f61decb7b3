import { isPersonalField, isSecretField, LEFT_OUT, PATTERNS } from './patterns.ts';

export interface Redacted {
  readonly text: string;
  /** How often something was left out. */
  readonly count: number;
}

/** Shorter ones are words that stand elsewhere too. */
const SHORTEST_KNOWN = 6;
/** An integer from here on may be a telephone's or a SIM's. */
const LONG_NUMBER = 1e10;

/** Leaves secrets out of what is sent: by the names of fields, by their shape, and by having seen them elsewhere. */
export class Redactor {
  readonly #known = new Set<string>();

  /** A value that is a secret wherever it stands. */
  learn(secret: string): void {
    for (const part of [secret, ...secret.split('\n')]) {
      if (part.trim().length >= SHORTEST_KNOWN) this.#known.add(part.trim());
    }
  }

  /** Every value of a document that its field's name calls a secret. */
  learnFrom(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && isSecretField(name)) this.learn(inner);
      else this.learnFrom(inner);
    }
  }

  json(value: unknown, space?: number): Redacted {
    const counter = { count: 0 };
    const text = JSON.stringify(this.#value(value, counter), null, space);
    return { text, count: counter.count };
  }

  /** A log: lines of JSON, and whatever else was written between them. */
  lines(text: string): Redacted {
    const counter = { count: 0 };
    const done: string[] = [];
    let plain: string[] = [];
    // A key in a stack or a message of another program goes over several lines: those are judged together.
    const endPlain = () => {
      if (plain.length > 0) done.push(this.#text(plain.join('\n'), counter));
      plain = [];
    };
    for (const line of text.split('\n')) {
      const document = parsed(line);
      if (document === null) plain.push(line);
      else {
        endPlain();
        done.push(JSON.stringify(this.#value(document, counter)));
      }
    }
    endPlain();
    return { text: done.join('\n'), count: counter.count };
  }

  text(text: string): Redacted {
    const counter = { count: 0 };
    return { text: this.#text(text, counter), count: counter.count };
  }

  /** Whether something that is known to be secret stands in it. */
  isLeaking(text: string): boolean {
    return [...this.#known].some(
      (secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)),
    );
  }

  #value(value: unknown, counter: { count: number }): unknown {
    if (typeof value === 'string') return this.#text(value, counter);
    if (typeof value === 'number') return this.#number(value, counter);
    if (Array.isArray(value)) return value.map((inner: unknown) => this.#value(inner, counter));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const isHidden = isSecretField(name) || isPersonalField(name);
        if (!isHidden || inner === null || typeof inner === 'boolean' || inner === LEFT_OUT)
          return [this.#text(name, counter), this.#value(inner, counter)];
        counter.count += 1;
        return [name, LEFT_OUT];
      }),
    );
  }

  #number(value: number, counter: { count: number }): number | string {
    if (!Number.isInteger(value) || value < LONG_NUMBER) return value;
    const text = this.#text(String(value), counter);
    return text === String(value) ? value : text;
  }

  #text(text: string, counter: { count: number }): string {
    let left = text;
    for (const secret of this.#known) {
      for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
        const parts = left.split(form);
        counter.count += parts.length - 1;
        left = parts.join(LEFT_OUT);
      }
    }
    for (const { find, replace } of PATTERNS) {
      left = left.replace(find, (found: string, ...groups: string[]) => {
        const instead = replace(found, ...groups);
        if (instead === null || instead === found || found === LEFT_OUT) return found;
        counter.count += 1;
        return instead;
      });
    }
    return left;
  }
}

function parsed(line: string): object | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // Cut off, or no JSON: it is judged as text.
  }
}
