import type { Position } from '#contract/great-circle.ts';

/** What a receiver says. Never kept, told or logged: of a fixed device only the distance from its place is. */
export interface Fix extends Position {
  /** Horizontal dilution of precision; null where the receiver does not say. */
  readonly hdop: number | null;
  /** Satellites used; null where the receiver does not say. */
  readonly satellites: number | null;
}

/** Cuts what a receiver sends into fixes. Never throws: a line can be anything. */
export interface FixReader {
  /** A fix, or null for a line that is none. */
  take(line: string): Fix | null;
}
