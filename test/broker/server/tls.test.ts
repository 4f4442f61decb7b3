import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import t from 'tap';
import { createSite } from '#broker/server/site.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { Witness } from './test-site.ts';

/** Certificates as the site's own authority would make them, by the openssl command. */
class Authority {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  start(name: string): void {
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
  }

  issue(name: string): { readonly key: string; readonly cert: string; readonly ca: string } {
    writeFileSync(join(this.#folder, 'san.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    this.#openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    this.#openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'san.cnf',
      '-out',
      `${name}.pem`,
    );
    const read = (file: string) => readFileSync(join(this.#folder, file), 'utf8');
    return { key: read(`${name}.key`), cert: read(`${name}.pem`), ca: read('ca.pem') };
  }

  #openssl(...command: string[]): void {
    execFileSync('openssl', command, { cwd: this.#folder, stdio: 'pipe' });
  }
}

/** How a connection attempt ended. */
function outcome(client: MqttClient): Promise<'connected' | 'refused'> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve('connected'));
    client.once('error', () => resolve('refused'));
    client.once('close', () => resolve('refused'));
  });
}

t.test('with TLS a client is the CN of its certificate, and nobody else', async (t) => {
  const authority = new Authority(temporaryFolder(t));
  authority.start('Test site');
  const stranger = new Authority(temporaryFolder(t));
  stranger.start('Another site');
  const site = createSite({
    dataDir: temporaryFolder(t),
    clock: new ManualClock(),
    log: silentLog,
    registry: new Registry(),
  });
  site.open();
  t.teardown(() => site.close());
  const mqtts = { host: '127.0.0.1', port: 0, ...authority.issue('broker') };
  const { mqtts: port } = await site.start({ listener: new Witness(), judge: () => false, mqtts });
  const { key, cert, ca } = authority.issue('north.pillar-1');
  const attempt = async (options: IClientOptions) => {
    const client = mqtt.connect(`mqtts://localhost:${port}`, { reconnectPeriod: 0, ca, ...options });
    client.on('error', () => undefined);
    const ended = await outcome(client);
    client.end(true);
    return ended;
  };
  t.equal(await attempt({ clientId: 'north.pillar-1', key, cert }), 'connected');
  t.equal(await attempt({ clientId: 'north.pillar-2', key, cert }), 'refused', 'another name');
  t.equal(await attempt({ clientId: 'north.pillar-1' }), 'refused', 'no certificate');
  const tool = authority.issue('tool');
  t.equal(await attempt({ clientId: 'tool', ...tool }), 'refused', 'neither a device nor a service');
  t.equal(await attempt({ clientId: 'svc.tool', ...authority.issue('svc.tool') }), 'connected');
  const other = stranger.issue('north.pillar-1');
  t.equal(
    await attempt({ clientId: 'north.pillar-1', key: other.key, cert: other.cert }),
    'refused',
    'another authority',
  );
});
