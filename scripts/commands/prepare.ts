import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type PreparedClips, prepareClips } from '../site/clips.ts';
import { InstalledPack, loadPack, PACK_FOLDER } from '../voice/pack/store.ts';
import { renderVoice } from '../voice/render.ts';

export interface PrepareRequest {
  readonly profile: string;
  readonly siteFile?: string;
  readonly device: string;
  readonly dataDir: string;
  /** Laid over profile and site file, such as the place. */
  readonly said?: Readonly<Record<string, unknown>>;
  /** What the simulated camera can see; null where no video can be drawn. Asked for only where the camera is simulated. */
  readonly clips: PreparedClips | null | (() => Promise<PreparedClips | null>);
  readonly say: (line: string) => void;
}

/**
 * Leaves in a device's folder what the agent runs from: the resolved profile, the rendered prompts, and, for a
 * simulated camera, which clips there are. What is already as it should be is left alone.
 */
export async function prepareDevice(request: PrepareRequest): Promise<void> {
  const { profile: file, siteFile, device, dataDir, clips, say, said = {} } = request;
  const site = siteFile === undefined ? {} : { siteFile };
  const { profile } = resolveProfile({ file, device, drivers: DRIVER_SCHEMAS, said, ...site });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await prepareVoice(request, profile);
  const folder = { dataDir, device, say };
  if (profile.camera?.with.driver === 'sim') {
    const made = typeof clips === 'function' ? await clips() : clips;
    leave(folder, 'sim.json', made ?? { clips: {}, next: {}, clip: null });
  }
  leave(folder, 'profile.json', profile);
}

/** A voice that cannot be rendered, for want of an engine or of room, keeps no button from being armed. */
async function prepareVoice(
  { device, dataDir, say }: PrepareRequest,
  { languages, emergencyNumber, medicalNumber, guidance }: DeviceProfile,
): Promise<void> {
  try {
    const voice = await renderVoice({
      dir: join(dataDir, 'voice'),
      languages: [...languages, ...(guidance?.languages ?? [])],
      emergencyNumber,
      medicalNumber,
      places: guidance?.places,
      answers: guidance?.answers,
      pack: await packOf({ device, dataDir, say }),
    });
    if (voice.rendered > 0) say(`${device}: rendered ${voice.rendered} of ${voice.prompts} prompts`);
    for (const { message, hint } of voice.problems) say(`${device}: ${message} → ${hint}`);
  } catch (cause) {
    if (!isNoRoom(cause)) throw cause;
    say(`${device}: the prompts could not be rendered (${cause.message}); it speaks with what is there.`);
  }
}

/** The recordings installed on the device; a damaged pack is told, and then there are none. */
async function packOf({ device, dataDir, say }: Folder): Promise<InstalledPack> {
  try {
    return await loadPack(dataDir);
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    say(`${device}: ${error.message} → ${error.hint}`);
    return new InstalledPack(join(dataDir, PACK_FOLDER), []);
  }
}

type Folder = Pick<PrepareRequest, 'dataDir' | 'device' | 'say'>;

/** Where the disk does not take it, a device runs from what the last start left. */
function leave({ dataDir, device, say }: Folder, name: string, value: object): void {
  const file = join(dataDir, name);
  try {
    writeJson(file, value);
  } catch (cause) {
    if (!isNoRoom(cause) || !existsSync(file)) throw cause;
    say(`${device}: ${name} could not be written (${cause.message}); the device runs from the one before.`);
  }
}

/** The disk is full, or was mounted read-only after an error. */
function isNoRoom(cause: unknown): cause is NodeJS.ErrnoException {
  return (
    cause instanceof Error && 'code' in cause && ['ENOSPC', 'EDQUOT', 'EROFS'].includes(String(cause.code))
  );
}

/**
 * Written whole and renamed into place: a crash leaves the one before. What stands there already is left alone, which
 * spares the card and lets a device start whose disk is full.
 */
function writeJson(file: string, value: object): void {
  const text = `${JSON.stringify(value)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
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
        clips: () => prepareClips({ say }),
        say,
        ...(siteFile === undefined ? {} : { siteFile: resolve(siteFile) }),
      });
    });
}
