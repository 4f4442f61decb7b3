import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { siteFile } from '../site-authority/site-files.ts';
import type { LOADERS } from './board/avrdude.ts';
import { BoardTarget } from './board/board-target.ts';
import { Medium } from './disk/medium.ts';
import { FatInbox } from './fat/fat-inbox.ts';
import { CardTarget } from './folder/card-target.ts';
import { isFatMount } from './folder/file-system.ts';
import { MountedInbox } from './folder/mounted-inbox.ts';
import { INBOX_NAMES } from './inbox/inbox.ts';
import { InboxTarget } from './inbox/inbox-target.ts';
import { MqttTarget } from './mqtt/mqtt-target.ts';
import type { SourceBundle } from './source-bundle.ts';
import { readPlace } from './ssh/remote-shell.ts';
import { SshTarget } from './ssh/ssh-target.ts';
import type { Target } from './target.ts';

/** What besides the address a target may need. */
export interface TargetOptions {
  /** The name of a disk that is not removable, typed a second time. */
  readonly forceDevice?: string;
  /** Which of the bundle’s boards. */
  readonly board?: string;
  /** Of ssh, as `-o` takes them. */
  readonly sshOption?: readonly string[];
  /** The site’s folder, for devices that are reached through it. */
  readonly site?: string;
  /** Where the profile does not say it. */
  readonly model?: keyof typeof LOADERS;
}

export interface FoundTarget {
  readonly target: Target;
  /** One name for one target, by which technicians are kept apart. */
  readonly lockName: string;
}

/** Finds what `--to` means. Throws WP4301, WP4302. Nothing is opened yet. */
export function findTarget(to: string, source: SourceBundle, options: TargetOptions): FoundTarget {
  if (to.startsWith('ssh:')) return sshTarget(to, source, options);
  const [, device] = /^mqtt:(.+)$/.exec(to) ?? [];
  if (device !== undefined) return mqttTarget(device, source, options);
  const [, port] = /^board:(.+)$/.exec(to) ?? [];
  if (port !== undefined) return boardTarget(port, source, options);
  if (!existsSync(to)) throw new WatchpostError('WP4301', { detail: to });
  return { target: localTarget(to, source, options), lockName: realpathSync(to) };
}

/** Throws WP4302. */
function sshTarget(to: string, source: SourceBundle, { sshOption = [] }: TargetOptions): FoundTarget {
  const place = readPlace(to);
  return { target: new SshTarget(to, place, source, sshOption), lockName: to };
}

/** Throws WP4602 where nobody says which site. */
function mqttTarget(device: string, source: SourceBundle, { site }: TargetOptions): FoundTarget {
  if (site === undefined) throw new WatchpostError('WP4602', { detail: `mqtt:${device} needs --site` });
  const target = new MqttTarget(device, { dataDir: siteFile(site, 'broker') }, source);
  return { target, lockName: `${realpathSync(site)} mqtt:${source.manifest.device}` };
}

function boardTarget(port: string, source: SourceBundle, { board, model }: TargetOptions): FoundTarget {
  const target = new BoardTarget(port, source, { board: board ?? null, model: model ?? null });
  return { target, lockName: existsSync(port) ? realpathSync(port) : port };
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
