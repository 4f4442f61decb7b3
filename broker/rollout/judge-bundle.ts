import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { WallMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { BundleItem } from '#contract/fleet.ts';

/** What a bundle says of itself, once its signatures and every byte of it have been checked. */
export type BundleFacts = Pick<BundleItem, 'digest' | 'device' | 'generation' | 'agent' | 'expiresAt'>;

export const BUNDLE_ROOT_FILE = 'bundle-root.json';

/**
 * Verifies a bundle by the root that lies beside the site's database, as its device will once more. A site without one
 * checks that the bundle is whole and agrees with itself: what it is worth, the device alone can say.
 * Rejects with WP41xx, and WP3701 where the root cannot be read.
 */
export async function judgeBundle(
  file: string,
  { dataDir, nowMs }: { readonly dataDir: string; readonly nowMs: WallMs },
): Promise<BundleFacts> {
  // Loaded when the first bundle comes: most sites go months without one.
  const [{ withBundleFile }, { readHead }, { RootDocument }, { verifyBundle }] = await Promise.all([
    import('#contract/bundle/bundle-file.ts'),
    import('#contract/bundle/layout.ts'),
    import('#contract/bundle/metadata.ts'),
    import('#contract/bundle/verify.ts'),
  ]);
  const chain = z.looseObject({ roots: z.array(RootDocument).min(1) });
  const own = await rootText(join(dataDir, BUNDLE_ROOT_FILE));
  return withBundleFile(file, async (reader) => {
    const roots = own === null ? (await readHead(reader)).trust.roots : rootsOf(own, chain);
    const root = roots.at(-1);
    if (root === undefined)
      throw new WatchpostError('WP4102', { detail: 'no root in it, and none at the site' });
    const clock = { quality: 'synced', nowMs } as const;
    const { manifest } = await verifyBundle(reader, { root, device: null, floor: null, agent: null, clock });
    const { digest, device, generation, agent, expiresMs } = manifest;
    return { digest, device, generation, agent, expiresAt: new Date(expiresMs).toISOString() };
  });
}

function rootsOf<T>(text: string, schema: z.ZodType<{ roots: T[] }>): readonly T[] {
  try {
    return schema.parse(JSON.parse(text)).roots;
  } catch (cause) {
    throw new WatchpostError('WP3701', { detail: BUNDLE_ROOT_FILE, cause });
  }
}

async function rootText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new WatchpostError('WP3701', { detail: file, cause });
  }
}
