import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { KioskServer } from '#agent/kiosk/server.ts';
import type { ChoiceOutcome, KioskChoice, KioskView } from '#agent/ports/kiosk.ts';
import type { PartHealth } from '#agent/ports/makers.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { silentLog } from '#test/agent/behaviours/fakes.ts';

export const VIEW: KioskView = {
  emergencyNumber: '110',
  languages: ['zh-CN', 'en'],
  step: 'idle',
  language: null,
  topics: ['guidance.howto'],
  titles: {},
  places: [],
  answer: null,
  alarm: null,
  idleInMs: null,
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** A server of the page over a source that says what it is told. */
export class KioskFixture {
  readonly dir: string;
  readonly chosen: KioskChoice[] = [];
  readonly health: PartHealth[] = [];
  outcome: ChoiceOutcome = 'done';
  readonly listeners = new Set<() => void>();
  server: KioskServer;

  static async start(t: Test, port = 0): Promise<KioskFixture> {
    const fixture = new KioskFixture();
    t.teardown(() => fixture.close());
    fixture.server = fixture.newServer(port);
    await fixture.server.start();
    return fixture;
  }

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'watchpost-kiosk-'));
    mkdirSync(join(this.dir, 'page/assets'), { recursive: true });
    writeFileSync(
      join(this.dir, 'page/index.html'),
      '<!doctype html><meta name="emergency-number" content="" />',
    );
    writeFileSync(join(this.dir, 'page/assets/kiosk-AAAA.js'), 'export {};');
    writeFileSync(join(this.dir, 'page/assets/kiosk-AAAA.js.map'), '{}');
    writeFileSync(join(this.dir, 'secret.json'), '{}');
    this.server = this.newServer(0);
  }

  newServer(port: number, clock: Clock = systemClock): KioskServer {
    return new KioskServer({
      settings: { port },
      dataDir: this.dir,
      pageDir: join(this.dir, 'page'),
      source: {
        view: () => VIEW,
        choose: (choice) => {
          this.chosen.push(choice);
          return this.outcome;
        },
        onChange: (listener) => {
          this.listeners.add(listener);
          return () => {
            this.listeners.delete(listener);
          };
        },
      },
      onHealth: (health) => this.health.push(health),
      clock,
      log: silentLog,
    });
  }

  get address(): URL {
    return new URL(readFileSync(join(this.dir, 'kiosk.url'), 'utf8').trim());
  }

  get token(): string {
    return this.address.hash.slice('#token='.length);
  }

  /** One request on a connection of its own; `fetch` would not let the Host be chosen. */
  ask({ method = 'GET', path = '/', headers = {}, body }: Asked): Promise<Answer> {
    const { port } = this.address;
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        const done = () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        response.on('end', done).on('error', done);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  choose(choice: object, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.ask({
      method: 'POST',
      path: '/choice',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(choice),
    });
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
