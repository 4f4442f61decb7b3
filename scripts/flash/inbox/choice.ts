import { INBOX_NAMES, type InboxName } from './inbox.ts';

/** What lies under a name. */
export interface Lying {
  readonly name: InboxName;
  readonly bytes: number;
  /** Null for what is no whole bundle. */
  readonly bundle: { readonly device: string; readonly generation: number; readonly sha256: string } | null;
}

export interface Wanted {
  readonly device: string;
  readonly generation: number;
  readonly sha256: string;
}

/** Which name it goes under; `isThere` where it lies there already. */
export interface Choice {
  readonly name: InboxName;
  readonly isThere: boolean;
  readonly replaces: Lying | null;
  readonly keeps: Lying | null;
}

/**
 * Never over the newest whole bundle of the device that this one is for: first over nothing, then over what is damaged,
 * of another device, older.
 */
export function chooseName(lying: readonly Lying[], wanted: Wanted): Choice {
  const under = (name: InboxName) => lying.find((each) => each.name === name) ?? null;
  const same = lying.find(({ bundle }) => bundle?.sha256 === wanted.sha256);
  const worth = (name: InboxName) => worthOf(under(name), wanted);
  const [one, other] = INBOX_NAMES;
  const name = same?.name ?? (worth(one) <= worth(other) ? one : other);
  const kept = name === one ? other : one;
  return { name, isThere: same !== undefined, replaces: under(name), keeps: under(kept) };
}

function worthOf(lying: Lying | null, { device }: Wanted): number {
  if (lying === null) return -3;
  if (lying.bundle === null) return -2;
  return lying.bundle.device === device ? lying.bundle.generation : -1;
}
