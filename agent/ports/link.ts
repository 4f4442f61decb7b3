import type { Duplex } from 'node:stream';
import type { Command, CommandReply, DeviceState, IncidentNotice } from '#contract/messages.ts';
import type { DownPiece } from './down-content.ts';

export type LinkState = 'connecting' | 'up' | 'waiting' | 'closed';

/** Opens the byte stream to a broker address. The real one is TCP or TLS; the simulator's can be cut. */
export interface Transport {
  /** `url` is mqtt://host:port or mqtts://host:port. The stream may fail later with an error event. */
  open(url: string): Duplex;
}

export interface Link {
  readonly state: LinkState;
  start(): void;
  /** Idempotent; says goodbye (state with online: false) when it can within a second. */
  close(): Promise<void>;
  /** Ends a backoff wait at once: somebody pressed. */
  urge(): void;
  /** Ends the connection in order and makes another: keys have changed. What is under way is sent again. */
  reconnect(): void;
  onState(listener: (state: LinkState) => void): () => void;
  onIncident(listener: (notice: IncidentNotice) => void): () => void;
  /** Commands that parsed; expiry and repeats are judged by the command behaviour. */
  onCommand(listener: (command: Command) => void): () => void;
  /** Content from the site, piece by piece, as it comes. */
  onContent(listener: (piece: DownPiece) => void): () => void;
  reply(reply: CommandReply): void;
  /** Publishes `up/state` again (coalesced) because what the provider answers has changed. */
  stateChanged(): void;
}

/** What the rest of the agent contributes to `up/state`; the link adds online, boot, conn, lanes. */
export type StateProvider = () => Omit<DeviceState, 'online' | 'boot' | 'conn' | 'lanes'>;
