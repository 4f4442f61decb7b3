/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

/** Most characters of one event before the stream counts as broken. */
const MAX_EVENT_CHARS = 2_000_000;

/**
 * Takes the text of an event stream in any pieces and gives back whole events
 * (HTML Standard, 9.2.6 Interpreting an event stream). Comments, which servers send as heartbeats, give none.
 */
export class SseParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;

  push(text: string): ServerEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_EVENT_CHARS) throw new RangeError('event stream: a line without end');
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ServerEvent[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return [];
    const field = colon === -1 ? line : line.slice(0, colon);
    this.#field(field, colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, ''));
    return [];
  }

  #field(field: string, value: string): void {
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
  }

  #dispatch(): ServerEvent[] {
    const event: ServerEvent = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? [] : [event];
  }
}
