import { createReadStream } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { decodeSuperblock, type SlotState } from '#agent/profile/slots/superblock.ts';
import { CARD, DeviceCard } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { REMOTE_EXIT, type RemoteShell } from './remote-shell.ts';

const LOOK_LIMIT_MS = 60_000;
/** 4G in a cellar: 10 kB/s, and a minute besides. */
const SLOWEST_BYTES_A_MS = 10;

/** Only what every Debian has: sh, coreutils, util-linux. $1: the device's folder, $2: the name of the bundle. */
const ENTER = `set -eu; cd -- "$1" 2>/dev/null && [ -f ${CARD.facts} ] || exit ${REMOTE_EXIT.noDevice}; mkdir -p ${CARD.inbox};`;
const LOOK = `${ENTER}
echo facts $(base64 -w 0 ${CARD.facts})
for n in 0 1; do [ ! -f ${CARD.slots}/super-$n ] || echo super $(base64 -w 0 ${CARD.slots}/super-$n); done
echo free $(df -Pk ${CARD.inbox} | tail -n 1)
cd ${CARD.inbox}
[ ! -f "$2.part" ] || echo part $(wc -c <"$2.part")
[ ! -f "$2.wpb" ] || echo whole $(sha256sum <"$2.wpb")`;
/** $3: who writes. The lock ends with the shell, that is with the connection. */
const LOCK = `cd ${CARD.inbox}; exec 9>>.flash-lock; flock -n 9 || { cat .flash-lock; exit ${REMOTE_EXIT.locked}; }; echo "$3" >.flash-lock;`;
/** $4: from which byte. What an earlier, broken connection may still be writing there is the same. */
const WRITE = `${ENTER} umask 022; ${LOCK}
dd of="$2.part" bs=65536 iflag=fullblock oflag=seek_bytes seek="$4" conv=notrunc,fsync status=none`;
/**
 * Answers the hash of what its medium has, past its memory, and has it installed where it is as it should be ($4); what
 * was sent before goes. A bundle that lies there already gets a new time, by which an agent tries it once more.
 */
const FINISH = `${ENTER} ${LOCK}
[ -f "$2.part" ] || mv "$2.wpb" "$2.part"
dd of="$2.part" oflag=nocache conv=notrunc,fdatasync count=0 status=none
hash=$(sha256sum <"$2.part" | cut -d ' ' -f 1)
if [ "$hash" = "$4" ]; then
  touch "$2.part"; mv "$2.part" "$2.wpb"; sync .
  for old in flash-*; do [ "$old" = "$2.wpb" ] || rm -f "$old"; done
else rm "$2.part"; fi
echo "$hash"`;

export interface RemoteSight {
  readonly card: DeviceCard;
  readonly slots: SlotState | null;
  readonly freeBytes: number;
  /** Bytes of this bundle that are there from before. */
  readonly partBytes: number;
  /** SHA-256 of the bundle that waits there under its name. */
  readonly waiting: string | null;
}

/** The inbox of a device that is reached by ssh. */
export class RemoteInbox {
  readonly #shell: RemoteShell;
  readonly #folder: string;
  /** Without its end: the hash in it makes two bundles two files. */
  readonly #name: string;

  constructor(shell: RemoteShell, folder: string, sha256: string) {
    this.#shell = shell;
    this.#folder = folder;
    this.#name = `flash-${sha256.slice(0, 16)}`;
  }

  /** Rejects with WP4323 where no device's folder is there. */
  async look(): Promise<RemoteSight> {
    const said = new Map<string, string[]>();
    for (const line of (await this.#run(LOOK, [], LOOK_LIMIT_MS)).split('\n')) {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      said.set(word, [...(said.get(word) ?? []), rest.join(' ')]);
    }
    const one = (word: string) => said.get(word)?.[0];
    return {
      card: cardOf(one('facts'), this.#folder),
      slots: newest((said.get('super') ?? []).map((text) => decodeSuperblock(Buffer.from(text, 'base64')))),
      // df -P: file system, size, used, free, in KiB.
      freeBytes: Number(one('free')?.split(' ')[3]) * 1024,
      partBytes: Number(one('part') ?? 0),
      waiting: one('whole')?.split(' ')[0] ?? null,
    };
  }

  /** Goes on from `from`. */
  async write(file: string, from: number, bytes: number, onBytes: (bytes: number) => void): Promise<void> {
    const limitMs = LOOK_LIMIT_MS + (bytes - from) / SLOWEST_BYTES_A_MS;
    await this.#run(
      WRITE,
      [who(), String(from)],
      limitMs,
      counted(createReadStream(file, { start: from }), from, onBytes),
    );
  }

  /** @returns the hash of what the device has; where it is the one expected, its agent may install it */
  async finish(sha256: string): Promise<string> {
    return (await this.#run(FINISH, [who(), sha256], LOOK_LIMIT_MS * 5)).trim();
  }

  #run(
    script: string,
    more: readonly string[],
    timeoutMs: number,
    input?: AsyncIterable<Uint8Array>,
  ): Promise<string> {
    const order = { script, args: [this.#folder, this.#name, ...more], timeoutMs };
    return this.#shell.run(input === undefined ? order : { ...order, input });
  }
}

const who = (): string => `${userInfo().username} on ${hostname()}, since ${new Date().toISOString()}`;

function cardOf(base64: string | undefined, folder: string): DeviceCard {
  try {
    return DeviceCard.parse(JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4323', { detail: `${folder}/${CARD.facts} cannot be read`, cause });
  }
}

const newest = (states: readonly (SlotState | null)[]): SlotState | null =>
  states.reduce((best, state) => ((state?.rev ?? -1) > (best?.rev ?? -1) ? state : best), null);

async function* counted(
  content: AsyncIterable<Uint8Array>,
  from: number,
  onBytes: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  let done = from;
  for await (const piece of content) {
    yield piece;
    done += piece.length;
    onBytes(done);
  }
}
