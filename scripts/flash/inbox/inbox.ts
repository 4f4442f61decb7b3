/** Two names by turns: what is written never touches the one that holds. Eight letters and three, as every FAT takes. */
export const INBOX_NAMES = ['WPA.WPB', 'WPB.WPB'] as const;
export type InboxName = (typeof INBOX_NAMES)[number];

/** Where bundles wait for a device: the root of a FAT, mounted or not. */
export interface Inbox {
  /** In words. */
  readonly what: string;
  freeBytes(): Promise<number>;
  /** Null where there is no such file. */
  sizeOf(name: InboxName): Promise<number | null>;
  /** Through the memory of this machine. */
  read(name: InboxName, take: (content: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void>;
  /** Writes over what has the name; not yet on the medium. */
  write(name: InboxName, content: AsyncIterable<Uint8Array>, bytes: number): Promise<void>;
  /** Has it on the medium. */
  sync(): Promise<void>;
  /** Has this machine forget it, so that the next `read` is from the medium; false where it cannot. */
  forget(name: InboxName): Promise<boolean>;
  close(): Promise<void>;
}
