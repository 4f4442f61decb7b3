import type { ContactEdge } from '../../ports/inputs.ts';

/** An input line that this process holds. */
export interface OpenLine {
  /** True when active; throws when it can no longer be read. */
  active(): boolean;
  /** Nothing is told after it. Twice is once. */
  close(): void;
}

export interface LineListener {
  edge(edge: ContactEdge): void;
  /** The line is gone, and nothing more comes of it. */
  gone(cause: unknown): void;
}

/** Takes hold of a line and begins to tell its edges. */
export type OpenLineFunction = (listener: LineListener) => Promise<OpenLine>;
