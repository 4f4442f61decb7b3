/** What stands at a target before anything is written. */
export interface Sight {
  /** In words: "FAT16 in card.img, 60.1 MB free". */
  readonly what: string;
  /** What will be done, in order; nothing where all of it is done already. */
  readonly steps: readonly string[];
  /** What a technician should know before they say yes. */
  readonly risks: readonly string[];
  /** Bytes still to be written; 0 where the bundle is there whole. */
  readonly bytes: number;
}

/** How far a writing is: bytes done of those that the plan named. */
export type Progress = (doneBytes: number) => void;

export interface ReadBack {
  /** SHA-256 of what lies at the target now, which is the file's; null where the target compares by itself. */
  readonly sha256: string | null;
  /** `medium`: past this machine's memory; `memory`: perhaps from it; `device`: the device itself compared. */
  readonly from: 'medium' | 'memory' | 'device';
  /** How it was read, and what that proves. */
  readonly how: string;
}

/**
 * Where a bundle goes. Called in this order: `open`, `look`, then `write` and `readBack` unless it is there whole, when
 * only `readBack`. All reject with a WatchpostError that says what would be right. Cut off anywhere, what stood there
 * before is whole, and the same calls once more go on.
 */
export interface Target {
  /** As it was given. */
  readonly name: string;
  /** What to do once it is flashed. */
  readonly next: string;
  /** Takes it for us alone. Rejects with WP4308 where somebody else has it. */
  open(): Promise<void>;
  /** Writes nothing. */
  look(): Promise<Sight>;
  /** On the medium when it answers. */
  write(progress: Progress): Promise<void>;
  /** Rejects with WP4313 where something else lies there. */
  readBack(): Promise<ReadBack>;
  /** Idempotent. */
  close(): Promise<void>;
}
