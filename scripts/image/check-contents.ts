import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Findings } from './findings.ts';
import { fieldsOf, textsOf } from './json-fields.ts';
import type { Namespace } from './namespace.ts';
import { type Identity, type ImageConfig, identityOf, imageConfig } from './oci-config.ts';
import { inMb } from './sizes.ts';

/** The bound on all that the image holds, uncompressed: what it takes on the card. */
export const MOST_BYTES = 450e6;
const PUSH_LIMIT_MS = 300_000;
const RUN_LIMIT_MS = 120_000;

export interface BuiltImage {
  readonly builder: Builder;
  readonly namespace: Namespace;
  readonly tag: string;
  /** For what is made meanwhile. */
  readonly dir: string;
  readonly findings: Findings;
  readonly print: (line: string) => void;
}

export interface OpenImage extends BuiltImage {
  /** Where its root is mounted, for programs in the namespace. */
  readonly rootDir: string;
  readonly config: ImageConfig;
}

/** Machine, user and size; opens the image. */
export async function checkStatics(image: BuiltImage): Promise<Pick<OpenImage, 'rootDir' | 'config'>> {
  const { builder, tag, findings } = image;
  const inspected: unknown = JSON.parse(await builder.ask(['inspect', '--type', 'image', tag]));
  const docker = fieldsOf(fieldsOf(inspected).Docker);
  const config = imageConfig(inspected);
  const machine = `${docker.os}/${docker.architecture}`;
  findings.add({ what: 'machine', holds: machine === 'linux/arm64', seen: machine });
  const container = await builder.ask(['from', '--pull-never', '--arch', 'arm64', tag]);
  const rootDir = await builder.ask(['mount', container]);
  await checkSize(image, rootDir, JSON.parse(await builder.ask(['images', '--json', tag])));
  return { rootDir, config };
}

async function checkSize(image: BuiltImage, rootDir: string, images: unknown): Promise<void> {
  const { builder, namespace, tag, dir, findings, print } = image;
  const listing = await namespace.run(
    [process.execPath, '--no-warnings', join(import.meta.dirname, 'sizes.ts'), rootDir],
    { limitMs: RUN_LIMIT_MS },
  );
  for (const line of listing.trimEnd().split('\n')) print(`  ${line}`);
  const out = join(dir, 'pushed');
  await builder.ask(['push', '--quiet', tag, `oci:${out}:check`], PUSH_LIMIT_MS);
  const blobs = join(out, 'blobs/sha256');
  const sizes = readdirSync(blobs).map((name) => statSync(join(blobs, name)).size);
  const compressed = sizes.reduce((sum, bytes) => sum + bytes, 0);
  print(
    `  layers as they are fetched: ${sizes
      .sort((a, b) => b - a)
      .map(inMb)
      .join(', ')}`,
  );
  rmSync(out, { recursive: true });
  const bytes = layerBytes(images);
  findings.add({
    what: `at most ${inMb(MOST_BYTES)} uncompressed`,
    holds: bytes > 0 && bytes <= MOST_BYTES,
    seen: `${inMb(bytes)} (fetched: ${inMb(compressed)})`,
  });
}

/** What its layers hold together, as `docker images` says it: "328 MB". */
function layerBytes(images: unknown): number {
  const [first] = Array.isArray(images) ? images : [];
  const [, figure = '0', unit = ''] = /^([\d.]+) ?([KMG]?B)$/.exec(textsOf(first).size ?? '') ?? [];
  return Number(figure) * ({ B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? Number.NaN);
}

/** Whom it runs as, and which devices that user may open by its groups. */
export async function checkUser({ findings, config, rootDir, namespace }: OpenImage): Promise<Identity> {
  const read = (path: string) => namespace.run(['cat', join(rootDir, path)], { limitMs: RUN_LIMIT_MS });
  const identity = identityOf(config.user, await read('etc/passwd'), await read('etc/group'));
  const { uid, additionalGids } = identity;
  findings.add({
    what: 'user',
    holds: uid >= 1000 && additionalGids.length >= 4,
    seen: `${config.user} (${uid}), groups ${additionalGids.join(' ')}`,
  });
  return identity;
}
