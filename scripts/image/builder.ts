import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from './namespace.ts';

/** Containers here share the machine's network and see its files only where they are shown. */
const ISOLATION = { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'overlay' } as const;
const LIMIT_MS = 300_000;

export interface BuildRequest {
  readonly contextDir: string;
  readonly file: string;
  readonly tag: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Files of this machine that every RUN may read, by their place in there. */
  readonly shown: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

/** Images by buildah, without a daemon, in a store of its own that goes with `dir`. */
export class Builder {
  readonly #namespace: Namespace;
  readonly #dir: string;

  constructor(namespace: Namespace, dir: string) {
    this.#namespace = namespace;
    this.#dir = dir;
  }

  /** No registry is asked for anything. */
  start(): void {
    mkdirSync(this.#dir, { recursive: true });
    writeFileSync(join(this.#dir, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}\n');
  }

  /** One command of buildah. */
  async ask(args: readonly string[], limitMs = LIMIT_MS): Promise<string> {
    const store = ['--root', join(this.#dir, 'store'), '--runroot', join(this.#dir, 'run')];
    const out = await this.#namespace.run(['buildah', ...store, ...args], {
      limitMs,
      env: { ...ISOLATION, TMPDIR: this.#dir },
    });
    return out.trim();
  }

  /** An image whose one layer is an archive of a root, with files put into it. */
  async imageOf(
    tag: string,
    machine: string,
    archive: string,
    files: readonly (readonly [string, string])[],
  ) {
    const container = await this.ask(['from', '--arch', machine, 'scratch']);
    await this.ask(['add', '-q', container, archive, '/']);
    for (const [from, to] of files) await this.ask(['add', '-q', container, from, to]);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    await this.ask(['config', '--arch', machine, '--os', 'linux', '--env', path, container]);
    await this.ask(['commit', '-q', '--rm', container, tag]);
  }

  build({ contextDir, file, tag, buildArgs, shown, limitMs }: BuildRequest): Promise<string> {
    return this.ask(
      [
        ...['bud', '--pull-never', '--arch', 'arm64', '--os', 'linux', '--format', 'docker', '--force-rm'],
        // As BuildKit: a stage runs when a later one needs it, and each stage is one layer on disk meanwhile.
        ...['--layers=false', '--signature-policy', join(this.#dir, 'policy.json')],
        ...Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
        ...Object.entries(shown).flatMap(([inside, path]) => ['--volume', `${path}:${inside}:ro`]),
        ...['-t', tag, '-f', file, contextDir],
      ],
      limitMs,
    );
  }
}
