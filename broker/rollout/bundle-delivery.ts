import { type FileHandle, open } from 'node:fs/promises';
import type { DeviceMessenger } from '#broker/persistence/ports.ts';
import { type Clock, wait } from '#contract/clock.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import {
  BUNDLE_PIECE_BYTES,
  BUNDLE_STRETCH_PIECES,
  BUNDLE_WINDOW,
  bundleBlobId,
  bundlePieces,
} from '#contract/fetch.ts';
import type { CommandReply } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { downBlobTopic } from '#contract/topics.ts';
import type { CommandIssuer } from './ports.ts';

export interface BundleDeliveryParts {
  readonly commands: CommandIssuer;
  readonly messenger: DeviceMessenger;
  readonly clock: Clock;
}

/** A bundle as it is sent. */
export interface SentBundle {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface DeliveryTask {
  readonly address: DeviceAddress;
  readonly bundle: SentBundle;
  /** On whose behalf, for the audit. */
  readonly who: string;
  /** Throws where it must not go on: the roll-out was paused, the device calls for help. */
  readonly goOn: () => void;
  /** The site ends: nothing is waited for any more. */
  readonly signal: AbortSignal;
  /** How many bytes are on the device's disk. */
  readonly onProgress: (bytes: number) => void;
}

const ORDER_EXPIRES_S = 60;
const LOOK_EVERY_MS = 500;
/** The window grows while pieces are confirmed within this, and shrinks where they take four times as long. */
const QUICK_MS = 250;
/** The device asks for the same piece again so often, and no more. */
const MOST_STALLS = 3;

/** Sends bundles to devices. The device says what it has; whatever broke off before, the next time goes on from there. */
export class BundleDelivery {
  readonly #parts: BundleDeliveryParts;

  constructor(parts: BundleDeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the whole bundle is on the device's disk. Rejects with WP3405 (not connected), WP3702 (no file), WP3706
   * (gets nowhere), WP3709 (no answer), what `goOn` throws, and why the device refuses.
   */
  async send(task: DeliveryTask): Promise<void> {
    const { file, sha256, bytes } = task.bundle;
    const content = await opened(file);
    const pieces = bundlePieces(bytes);
    try {
      for (let last = -1, stalls = 0; ; ) {
        task.goOn();
        const from = await this.#wanted(task);
        task.onProgress(Math.min(bytes, from * BUNDLE_PIECE_BYTES));
        if (from >= pieces) return;
        stalls = from > last ? 0 : stalls + 1;
        if (stalls >= MOST_STALLS)
          throw new WatchpostError('WP3706', { detail: `${sha256} at piece ${from}` });
        last = from;
        await this.#sendPieces(task, content, { from, to: Math.min(pieces, from + BUNDLE_STRETCH_PIECES) });
      }
    } finally {
      await content.close();
    }
  }

  /** Has the device install what it was sent, and answers its reply. Rejects with WP3405, WP3709. */
  install({ address, bundle: { sha256 }, who, signal }: DeliveryTask): Promise<CommandReply> {
    const args = { blob: bundleBlobId(sha256), sha256 };
    return this.#order(address, { name: 'install', args }, { who, signal });
  }

  async #wanted({ address, bundle: { sha256, bytes }, who, signal }: DeliveryTask): Promise<number> {
    const args = { blob: bundleBlobId(sha256), bytes, sha256 };
    const order = { name: 'fetch-bundle', args };
    const { ok, code, message, result } = await this.#order(address, order, { who, signal });
    if (!ok) throw refusalOf(code, message);
    const from = Number(result?.from);
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new WatchpostError('WP3709', { detail: `${clientIdOf(address)}: no number in its answer` });
    }
    return from;
  }

  /** No more on their way than the link carries in a moment: what is more urgent waits behind them. */
  async #sendPieces(
    { address, bundle: { sha256, bytes }, goOn, signal }: DeliveryTask,
    content: FileHandle,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<void> {
    const { messenger, clock } = this.#parts;
    const blob = bundleBlobId(sha256);
    const ended = endOf(signal);
    for (let piece = from, window = 1; piece < to; ) {
      goOn();
      const batch = await readPieces(content, bytes, { from: piece, to: Math.min(to, piece + window) });
      const sentMs = clock.monoMs();
      // In their order: the device takes none before its turn.
      await Promise.race([
        ended,
        Promise.all(
          batch.map((part, n) => messenger.deliver(address, downBlobTopic(address, blob, piece + n), part)),
        ),
      ]);
      piece += batch.length;
      window = windowAfter(window, clock.monoMs() - sentMs);
    }
  }

  /** Waits for the answer for as long as the command is good. */
  async #order(
    address: DeviceAddress,
    command: { readonly name: string; readonly args: Record<string, unknown> },
    { who, signal }: Pick<DeliveryTask, 'who' | 'signal'>,
  ): Promise<CommandReply> {
    const { commands, clock } = this.#parts;
    const issued = await commands.issue(address, { ...command, expiresInS: ORDER_EXPIRES_S }, who);
    const endMs = clock.monoMs() + ORDER_EXPIRES_S * 1000;
    for (let { reply } = issued; ; { reply } = commands.get(address, issued.id)) {
      if (reply !== null) return reply;
      if (clock.monoMs() >= endMs)
        throw new WatchpostError('WP3709', { detail: `${clientIdOf(address)}: ${command.name}` });
      await wait(clock, LOOK_EVERY_MS, signal);
    }
  }
}

async function readPieces(
  content: FileHandle,
  bytes: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Buffer[]> {
  const at = from * BUNDLE_PIECE_BYTES;
  const all = Buffer.alloc(Math.min(bytes, to * BUNDLE_PIECE_BYTES) - at);
  await content.read(all, 0, all.length, at);
  return Array.from({ length: to - from }, (_none, n) =>
    all.subarray(n * BUNDLE_PIECE_BYTES, (n + 1) * BUNDLE_PIECE_BYTES),
  );
}

/** Rejects with why, once it ends. */
function endOf(signal: AbortSignal): Promise<never> {
  const ended = Promise.withResolvers<never>();
  // Where nobody waits for it, it is no failure.
  ended.promise.catch(() => undefined);
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
  return ended.promise;
}

function windowAfter(window: number, tookMs: number): number {
  if (tookMs <= QUICK_MS) return Math.min(BUNDLE_WINDOW, window * 2);
  return tookMs > 4 * QUICK_MS ? Math.max(1, Math.floor(window / 2)) : window;
}

/** What a device says, in its own code. */
export function refusalOf(code: string | undefined, message: string | undefined): WatchpostError {
  const known = code !== undefined && isErrorCode(code) ? code : 'WP3710';
  return new WatchpostError(known, { detail: message?.slice(0, 200) ?? 'the device gave no reason' });
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new WatchpostError('WP3702', { detail: file, cause });
  }
}
