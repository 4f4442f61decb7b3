import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type PartFile, partFile } from './bundle-file.ts';
import { readIntelHex } from './intel-hex.ts';

export interface IngredientRequest {
  /** A device's folder as `prepare` leaves it: profile.json and voice/. */
  readonly prepared: string;
  /** Intel HEX files by the name of the board in the profile. */
  readonly firmware: ReadonlyMap<string, string>;
}

/**
 * Everything that goes into a bundle: the resolved profile (zones are in it), the rendered voice, the firmware of boards.
 * Rejects with WP4114 where the profile cannot be read, or a firmware is none or is for a board that it does not have.
 */
export async function ingredients({ prepared, firmware }: IngredientRequest): Promise<readonly PartFile[]> {
  const file = join(prepared, PROFILE_PART);
  const boards = new Set(profileOf(file).boards.map(({ name }) => name));
  const parts = [await partFile(PROFILE_PART, file)];
  for (const clip of clipsBelow(prepared)) parts.push(await partFile(clip, join(prepared, clip)));
  for (const [board, hex] of firmware) {
    if (!boards.has(board)) {
      throw new WatchpostError('WP4114', { detail: `the profile has no board ${board}` });
    }
    readIntelHex(hex);
    parts.push(await partFile(`boards/${board}.hex`, hex));
  }
  return parts;
}

function profileOf(file: string): DeviceProfile {
  try {
    return DeviceProfile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4114', { detail: `${file} is no resolved profile`, cause });
  }
}

const VOICE = 'voice';

function clipsBelow(prepared: string): readonly string[] {
  const folder = join(prepared, VOICE);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(prepared.length).replace(/^\/+/, ''))
    .sort();
}
