import type { Aedes, PublishPacket } from 'aedes';
import { identityOf } from '#broker/auth/identity.ts';
import type { StoredPacket } from '#broker/persistence/mqtt-packet.ts';
import type { MqttPersistence } from '#broker/persistence/mqtt-persistence.ts';
import type { Log } from '#contract/log.ts';
import type { IngestGate, Publisher } from './gate.ts';

export interface LeftWillsParts {
  readonly aedes: Aedes;
  readonly persistence: MqttPersistence;
  readonly gate: IngestGate;
  readonly log: Log;
}

/** Wills of connections that ended with a broker that crashed. */
export class LeftWills {
  readonly #parts: LeftWillsParts;

  constructor(parts: LeftWillsParts) {
    this.#parts = parts;
  }

  /** aedes would wait until its clean-up comes round, minutes later; a device's "offline" should not. */
  async publish(): Promise<void> {
    const { aedes, persistence, log } = this.#parts;
    const wills: StoredPacket[] = await persistence.streamWill({ [aedes.id]: 1 }).toArray();
    for (const will of wills) {
      await this.#publishOne(will).catch((error) =>
        log.error({ client: will.clientId, error: String(error) }, 'mqtt.will-failed'),
      );
    }
  }

  async #publishOne(will: StoredPacket): Promise<void> {
    const { aedes, persistence, gate } = this.#parts;
    const id = will.clientId ?? '';
    const packet: PublishPacket = {
      cmd: 'publish',
      topic: will.topic ?? '',
      payload: will.payload ?? '',
      qos: will.qos === 2 ? 2 : will.qos === 1 ? 1 : 0,
      retain: will.retain ?? false,
      dup: false,
    };
    await persistence.delWill({ id });
    await new Promise<void>((resolve, reject) => {
      gate.pass({ id, identity: identityOf(id), client: null }, packet, (error) => {
        if (error) reject(error);
        else aedes.publish(packet, (failed) => (failed ? reject(failed) : resolve()));
      });
    });
  }
}

/** Whose last will this is, when aedes comes across one of a connection that is long gone. */
export function absent(packet: PublishPacket): Publisher {
  const id = 'clientId' in packet && typeof packet.clientId === 'string' ? packet.clientId : '';
  return { id, identity: identityOf(id), client: null };
}
