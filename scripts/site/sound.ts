import { join } from 'node:path';
import { systemClock, wait } from '#contract/clock.ts';
import { askSim } from '../commands/sim-client.ts';
import { DEMO_DEVICES, type DemoSiteOptions } from './demo-site.ts';

const TRIES = 20;
const TRY_EVERY_MS = 100;

/** What to say of each device whose voice goes to a file, because this machine has no sound server. */
export async function soundLines({ dataDir }: DemoSiteOptions): Promise<string[]> {
  const files = await Promise.all(Object.keys(DEMO_DEVICES).map((device) => fileOf(join(dataDir, device))));
  return files
    .filter((file) => file !== null)
    .map((file) => `Voice    no sound server here; what is said goes to ${file}`);
}

/** A device looks for sound systems behind its start: it is asked until it knows. */
async function fileOf(dir: string): Promise<string | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await askSim(dir, { request: 'state' });
    if (answer.ok && answer.state?.sound !== undefined) return answer.state.sound.file;
    await wait(systemClock, TRY_EVERY_MS);
  }
  return null;
}
