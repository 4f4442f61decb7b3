import { MqttLink, type MqttLinkOptions } from '#agent/link/mqtt-link.ts';
import { TcpTransport } from '#agent/link/transport.ts';
import type { LinkState } from '#agent/ports/link.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Session, Traffic } from '#agent/ports/traffic.ts';
import type { Receipt } from '#contract/messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ADDRESS, KeptLog } from '../../core/support/device.ts';

/** Keeps facts for as long as the test runs. */
export class MapMemory implements Memory {
  readonly #facts = new Map<string, unknown>();

  get(key: string): unknown {
    return this.#facts.get(key);
  }
  set(key: string, value: unknown): void {
    this.#facts.set(key, value);
  }
  replyTo(): null {
    return null;
  }
  rememberReply(): void {
    // Nobody asks.
  }
}

/** Stands where the outbox stands. */
export class KeptTraffic implements Traffic {
  session: Session | null = null;
  isUrgentNow = false;
  readonly receipts: Receipt[] = [];
  onReceipt: () => void = () => undefined;

  connected(session: Session): void {
    this.session = session;
  }
  disconnected(): void {
    this.session = null;
  }
  receive(receipt: Receipt): void {
    this.receipts.push(receipt);
    this.onReceipt();
  }
  lanes() {
    return { alarm: { epoch: 'epoch-1', oldest: 0, newest: 0 } };
  }
  isUrgent(): boolean {
    return this.isUrgentNow;
  }
}

export function linkParts(urls: readonly [string, ...string[]], more: Partial<MqttLinkOptions> = {}) {
  const clock = new ManualClock();
  const log = new KeptLog();
  const traffic = new KeptTraffic();
  const memory = new MapMemory();
  const link = new MqttLink({
    address: ADDRESS,
    urls,
    transport: new TcpTransport(),
    traffic,
    state: () => ({ supervisionS: 60 }),
    memory,
    clock,
    log,
    keepaliveS: 20,
    backoffMaxS: 60,
    random: () => 0.5,
    ...more,
  });
  return { link, clock, log, traffic, memory };
}

/** Resolves when the link comes to this state. */
export function reaches(link: MqttLink, state: LinkState): Promise<void> {
  if (link.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = link.onState((reached) => {
      if (reached !== state) return;
      stop();
      resolve();
    });
  });
}
