import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, firstChain, newKeys } from '#test/contract/bundle/kit.ts';

const keys = newKeys();
const signers = [keys.targets[0], keys.targets[1]];

/** Who may sign the bundles that `writeFleetBundle` makes. */
export const FLEET_CHAIN = firstChain(keys);

/** A signed bundle for `{site}.{device}` with `bytes` of voice; answers its file. */
export function writeFleetBundle(
  dir: string,
  device: string,
  { generation = 7, bytes = 100_000 }: { readonly generation?: number; readonly bytes?: number } = {},
): string {
  const content = new Map([
    ['profile.json', Buffer.from('{"profileVersion":1}')],
    ['voice/en/alarm.sent.wav', Buffer.alloc(bytes, device)],
  ]);
  const file = join(dir, `${device}-${generation}.wpb`);
  const expiresMs = Date.now() + 86_400_000;
  writeFileSync(
    file,
    bundleOf({ chain: FLEET_CHAIN, signers, content, plan: { device, generation, expiresMs } }),
  );
  return file;
}
