import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { type PreparedClips, prepareClips } from '../site/clips.ts';
import { renderVoice } from '../voice/render.ts';

export interface PrepareRequest {
  readonly profile: string;
  readonly siteFile?: string;
  readonly device: string;
  readonly dataDir: string;
  /** What the simulated camera can see; null where no video can be drawn. */
  readonly clips: PreparedClips | null;
  readonly say: (line: string) => void;
}

/**
 * Leaves in a device's folder what the agent runs from: the resolved profile, the rendered prompts, and, for a
 * simulated camera, which clips there are. What is already as it should be is left alone.
 */
export async function prepareDevice(request: PrepareRequest): Promise<void> {
  const { profile: file, siteFile, device, dataDir, clips, say } = request;
  const site = siteFile === undefined ? {} : { siteFile };
  const { profile } = resolveProfile({ file, device, drivers: DRIVER_SCHEMAS, ...site });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const voice = await renderVoice({
    dir: join(dataDir, 'voice'),
    languages: profile.languages,
    emergencyNumber: profile.emergencyNumber,
  });
  if (voice.rendered > 0) say(`${device}: rendered ${voice.rendered} of ${voice.prompts} prompts`);
  if (voice.problem !== null) say(`${device}: ${voice.problem.message} → ${voice.problem.hint}`);
  if (profile.camera?.with.driver === 'sim')
    writeJson(join(dataDir, 'sim.json'), clips ?? { clips: {}, next: {}, clip: null });
  writeJson(join(dataDir, 'profile.json'), profile);
}

/** Written whole and renamed into place: a crash leaves the one before. */
function writeJson(file: string, value: object): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

interface PrepareOptions {
  readonly profile: string;
  readonly siteFile?: string;
  readonly device: string;
  readonly data: string;
}

/** `watchpost prepare`, which takes the options of `watchpost agent`. */
export function prepareCommand(): Command {
  return new Command('prepare')
    .requiredOption('--profile <file>', 'the device’s profile (YAML)')
    .option('--site-file <file>', 'the site’s file: place, languages and the like by device')
    .requiredOption('--device <id>', 'the device’s name')
    .requiredOption('--data <dir>', 'the device’s own folder')
    .requiredOption('--site <id>', 'the site’s name')
    .requiredOption('--broker <urls>', 'for agent')
    .option('--identity <dir>', 'for agent')
    .action(async ({ profile, siteFile, device, data }: PrepareOptions) => {
      const say = (line: string) => process.stderr.write(`${line}\n`);
      await prepareDevice({
        profile: resolve(profile),
        device,
        dataDir: resolve(data),
        clips: await prepareClips({ say }),
        say,
        ...(siteFile === undefined ? {} : { siteFile: resolve(siteFile) }),
      });
    });
}
