import { createRequire } from 'node:module';

/** One message of the pipeline's bus. */
export interface BusMessage {
  readonly type: string;
  readonly message?: string;
  /** What a warning says. */
  readonly debug?: string;
}

export interface Sink {
  /** Null at the end, after `stop()`, and before `play()`. */
  pull(callback: (buffer: Buffer | null, caps: Record<string, unknown>) => void): void;
}

export interface UriElement {
  uri: string;
}

/** The part used of gstreamer-superficial's Pipeline; it has no types of its own and no finalizer. */
export interface Pipeline {
  play(): void;
  stop(): void;
  pollBus(callback: (message: BusMessage) => void): void;
  queryDuration(): number;
  findChild(name: 'frames'): Sink | undefined;
  findChild(name: 'source'): UriElement | undefined;
}

export interface Addon {
  readonly Pipeline: new (launch: string) => Pipeline;
}

/** Loads the addon, or null where it was not built or does not load. */
export function loadAddon(): Addon | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)('gstreamer-superficial');
    return isAddon(loaded) ? loaded : null;
  } catch {
    return null; // An optional package: its absence is normal and leads to gst-launch.
  }
}

function isAddon(value: unknown): value is Addon {
  return (
    typeof value === 'object' && value !== null && 'Pipeline' in value && typeof value.Pipeline === 'function'
  );
}
