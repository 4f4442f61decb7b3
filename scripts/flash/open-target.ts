import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Medium } from './disk/medium.ts';
import { FatInbox } from './fat/fat-inbox.ts';
import { CardTarget } from './folder/card-target.ts';
import { isFatMount } from './folder/file-system.ts';
import { MountedInbox } from './folder/mounted-inbox.ts';
import { INBOX_NAMES } from './inbox/inbox.ts';
import { InboxTarget } from './inbox/inbox-target.ts';
import type { SourceBundle } from './source-bundle.ts';
import type { Target } from './target.ts';

/** What besides the address a target may need. */
export interface TargetOptions {
  /** The name of a disk that is not removable, typed a second time. */
  readonly forceDevice?: string;
}

export interface FoundTarget {
  readonly target: Target;
  /** One name for one target, by which technicians are kept apart. */
  readonly lockName: string;
}

/** Finds what `--to` means. Throws WP4301, WP4302. Nothing is opened yet. */
export function findTarget(to: string, source: SourceBundle, options: TargetOptions): FoundTarget {
  if (!existsSync(to)) throw new WatchpostError('WP4301', { detail: to });
  return { target: localTarget(to, source, options), lockName: realpathSync(to) };
}

function localTarget(to: string, source: SourceBundle, { forceDevice }: TargetOptions): Target {
  if (!statSync(to).isDirectory()) {
    return new InboxTarget(to, source, async () => FatInbox.on(await Medium.open(to, forceDevice ?? null)));
  }
  if (existsSync(join(to, CARD.facts))) return new CardTarget(to, source);
  if (isInbox(to)) {
    return new InboxTarget(to, source, async () => new MountedInbox(to, `the stick at ${to}`));
  }
  throw new WatchpostError('WP4302', { detail: `${to} has no ${CARD.facts}, and no FAT is mounted there` });
}

/** A mounted FAT, or a folder that had a bundle under one of the two names before. */
const isInbox = (to: string): boolean =>
  isFatMount(realpathSync(to)) || INBOX_NAMES.some((name) => existsSync(join(to, name)));
