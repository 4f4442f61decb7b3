import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import { createSite, type Site, type SiteOptions } from '#broker/server/site.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { type KeyAndCertificate, TestAuthority, writeSiteTls } from '#test/support/certificates.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { seen, Witness } from '../test-site.ts';

interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

interface Logged {
  readonly event: string;
  readonly code?: ErrorCode;
  readonly detail?: string;
}

export const DAY_MS = 86_400_000;
/** CONNECT of `north.pillar-1`, level 4, clean session, keep-alive 60. */
export const CONNECT = Buffer.from('\x10\x1a\x00\x04MQTT\x04\x02\x00\x3c\x00\x0enorth.pillar-1', 'latin1');

/** Ends well or badly: an error comes first where it was cut off. */
export const closed = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.once('close', () => resolve());
  });

/** A site with TLS alone, by a clock that shows the true time until it is moved. */
export class TlsSite {
  readonly authority: TestAuthority;
  readonly clock: ManualClock;
  readonly witness = new Witness();
  readonly registry = new Registry();
  readonly logged: Logged[] = [];
  readonly dir: string;
  readonly site: Site;
  port = 0;
  #waiting: (() => void)[] = [];

  static async start(
    t: Teardown,
    options: Partial<SiteOptions> & { wallMs?: number } = {},
  ): Promise<TlsSite> {
    const { wallMs = Date.now(), ...more } = options;
    const tls = new TlsSite(t, await TestAuthority.make(), new ManualClock(wallMs), more);
    await writeSiteTls(tls.dir, tls.authority);
    await tls.listen();
    t.teardown(() => tls.site.close());
    return tls;
  }

  constructor(t: Teardown, authority: TestAuthority, clock: ManualClock, options: Partial<SiteOptions>) {
    const dataDir = temporaryFolder(t);
    this.authority = authority;
    this.clock = clock;
    this.dir = join(dataDir, 'tls');
    this.site = createSite({ dataDir, clock, log: this.#log(), registry: this.registry, ...options });
  }

  async listen(): Promise<void> {
    this.site.open();
    const mqtts = { host: '127.0.0.1', port: 0, tlsDir: this.dir };
    const findPerson = (name: string) => (name === 'desk-1' ? ({ name, role: 'dispatcher' } as const) : null);
    const { mqtts: port } = await this.site.start({
      listener: this.witness,
      judge: () => false,
      mqtts,
      findPerson,
    });
    this.port = port ?? 0;
  }

  client(t: Teardown, identity: Partial<KeyAndCertificate>, options: IClientOptions): MqttClient {
    const client = mqtt.connect(`mqtts://localhost:${this.port}`, {
      ...{ reconnectPeriod: 0, ca: this.authority.cert, ...identity, ...options },
    });
    client.on('error', () => undefined);
    t.teardown(() => void client.end(true));
    return client;
  }

  /** How an attempt to connect ended. */
  async attempt(t: Teardown, identity: Partial<KeyAndCertificate>, clientId: string): Promise<string> {
    const client = this.client(t, identity, { clientId });
    return Promise.race([
      seen(client, 'connect').then(() => 'connected'),
      seen(client, 'close').then(() => 'refused'),
    ]);
  }

  /** The next log entry with this event name, also one that was written before. */
  async next(event: string): Promise<Logged> {
    for (;;) {
      const index = this.logged.findIndex((each) => each.event === event);
      const [found] = index < 0 ? [] : this.logged.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  async refusals(code: ErrorCode): Promise<number> {
    const metric = await this.registry.getSingleMetric('watchpost_mqtt_refused_total')?.get();
    return metric?.values.find(({ labels }) => labels.reason === code)?.value ?? 0;
  }

  #log(): Log {
    const add = (fields: object, event: string) => {
      this.logged.push({ ...fields, event });
      for (const wake of this.#waiting.splice(0)) wake();
    };
    return { ...silentLog, info: add, warn: add, error: add };
  }
}
