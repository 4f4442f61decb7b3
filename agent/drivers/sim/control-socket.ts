import { chmodSync, existsSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { MAX_LINE_BYTES, type SimAnswer, SimRequest } from './protocol.ts';
import { SimRequests, type SimRequestsParts } from './requests.ts';
import { claimSocketPath, releaseSocketPath, socketPathOf } from './socket-path.ts';

export interface ControlSocketParts extends SimRequestsParts {
  /** The device's data folder. */
  readonly dir: string;
  readonly log: Log;
}

/** The door to the simulated world: a unix socket of the owner alone, JSON lines, one answer a request in order. */
export class ControlSocket {
  readonly #parts: ControlSocketParts;
  readonly #requests: SimRequests;
  readonly #clients = new Set<Socket>();
  #server: Server | null = null;
  #path: string | null = null;

  constructor(parts: ControlSocketParts) {
    this.#parts = parts;
    this.#requests = new SimRequests(parts);
  }

  get path(): string | null {
    return this.#path;
  }

  /** Rejects with WP2317 when another agent answers there already. */
  async start(): Promise<void> {
    const { dir } = this.#parts;
    await removeStale(dir);
    const path = claimSocketPath(dir);
    const server = createServer((client) => this.#welcome(client));
    await listenPrivately(server, path);
    this.#server = server;
    this.#path = path;
  }

  async close(): Promise<void> {
    const server = this.#server;
    const path = this.#path;
    if (server === null || path === null) return;
    this.#server = null;
    this.#path = null;
    this.#requests.close();
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => server.close(resolve));
    releaseSocketPath(this.#parts.dir, path);
  }

  #welcome(client: Socket): void {
    this.#clients.add(client);
    client.setEncoding('utf8');
    client.on('close', () => this.#clients.delete(client));
    client.on('error', (cause) => this.#parts.log.debug({ err: cause }, 'sim.client-lost'));
    let text = '';
    let turn: Promise<void> = Promise.resolve();
    client.on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      if (Buffer.byteLength(text) > MAX_LINE_BYTES) {
        client.destroy();
        return;
      }
      for (const line of lines) turn = turn.then(() => this.#serve(client, line));
    });
  }

  async #serve(client: Socket, line: string): Promise<void> {
    const answer = await this.#answer(line);
    if (!client.destroyed) client.write(`${JSON.stringify(answer)}\n`);
  }

  async #answer(line: string): Promise<SimAnswer> {
    try {
      return await this.#requests.answer(readRequest(line));
    } catch (cause) {
      if (cause instanceof WatchpostError) {
        const { code, message, hint } = cause;
        return { ok: false, code, message, hint };
      }
      this.#parts.log.error({ err: cause }, 'sim.request-failed');
      const failed = new WatchpostError('WP2310', { detail: 'it failed inside', cause });
      return { ok: false, code: failed.code, message: failed.message, hint: 'See the log of the agent.' };
    }
  }
}

function readRequest(line: string): SimRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new WatchpostError('WP2310', { detail: 'not JSON', cause });
  }
  const parsed = SimRequest.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WatchpostError('WP2310', { detail: parsed.error.issues[0]?.message ?? 'unreadable' });
}

/** A socket that nobody listens on is left over from a crash. */
async function removeStale(dir: string): Promise<void> {
  const path = socketPathOf(dir);
  if (existsSync(path) && (await isAnswered(path))) throw new WatchpostError('WP2317', { detail: path });
  releaseSocketPath(dir, path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    const end = (answered: boolean) => {
      probe.destroy();
      resolve(answered);
    };
    probe.once('connect', () => end(true));
    probe.once('error', () => end(false));
  });
}

/** Listens so that there is no moment in which others could connect: the mask holds while the socket is made. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(new WatchpostError('WP2317', { detail: path, cause }));
    server.once('error', fail);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', fail);
        chmodSync(path, 0o600);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}
