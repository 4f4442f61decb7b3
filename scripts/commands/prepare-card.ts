import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod';
import { contentFolder } from '#agent/profile/slots/slot-content.ts';
import { SLOTS } from '#agent/profile/slots/superblock.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { CARD } from '#contract/device-card.ts';
import { prepareClips } from '../site/clips.ts';

const WithCamera = z.object({ camera: z.object({ with: z.object({ driver: z.string() }) }).optional() });

/**
 * `watchpost prepare-card`, run by `watchpost agent --card`: a simulated camera needs clips to look at, which are drawn
 * here and are no part of a bundle. Everything else that a device runs from lies in its slots.
 */
export function prepareCardCommand(): Command {
  return new Command('prepare-card')
    .requiredOption('--card <dir>', 'the device’s folder')
    .option('--broker <urls>', 'for agent')
    .option('--inbox <dir>', 'for agent')
    .action(async ({ card }: { card: string }) => {
      const dir = resolve(card);
      if (!SLOTS.some((slot) => isCameraSimulated(join(dir, CARD.slots, contentFolder(slot), PROFILE_PART))))
        return;
      const clips = await prepareClips({ say: (line) => process.stderr.write(`${line}\n`) });
      if (clips === null) return;
      mkdirSync(join(dir, CARD.data), { recursive: true, mode: 0o700 });
      writeFileSync(join(dir, CARD.data, 'sim.json'), `${JSON.stringify(clips)}\n`, { mode: 0o600 });
    });
}

/** Nothing of it is trusted here: the agent checks what it runs. */
function isCameraSimulated(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    return WithCamera.parse(JSON.parse(readFileSync(file, 'utf8'))).camera?.with.driver === 'sim';
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return false;
    throw error;
  }
}
