import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '#agent/behaviours/voice/clips.ts';
import { availableLanguages, type Catalogue, loadCatalogue, missingPrompts } from '../voice/catalogue.ts';
import type { Reader } from '../voice/reading.ts';

/** What is known of one language that a device may speak. */
export interface LanguageFacts {
  readonly reader: Reader;
  /** Keys of prompts that the catalogue has no words for. */
  readonly missing: readonly string[];
}

/** What a device can say: by its catalogues, and, where its folder is at hand, by its clips. */
export interface VoiceFacts {
  readonly languages: ReadonlyMap<string, LanguageFacts>;
  /** By `language/key`: how long each clip lasts; null where no folder was named. */
  readonly clips: ReadonlyMap<string, number> | null;
}

export interface VoiceSource {
  /** Of catalogues; default: the project's. */
  readonly catalogueDir?: string;
  /** The data folder of a device, whose rendered clips are looked at. */
  readonly deviceDir?: string;
}

/** Rejects with WP2506 for a catalogue that is broken, and with WP2503 for a folder without a manifest of clips. */
export async function readVoices({ catalogueDir, deviceDir }: VoiceSource): Promise<VoiceFacts> {
  const tags = await availableLanguages(catalogueDir);
  const catalogues = await Promise.all(tags.map((tag) => loadCatalogue(tag, catalogueDir)));
  return {
    languages: new Map(catalogues.map((catalogue) => [catalogue.catalogue.language, factsOf(catalogue)])),
    clips: deviceDir === undefined ? null : await clipsIn(join(deviceDir, 'voice')),
  };
}

function factsOf(catalogue: Catalogue): LanguageFacts {
  return { reader: catalogue.catalogue, missing: missingPrompts(catalogue) };
}

/** Those clips whose file is there. */
async function clipsIn(dir: string): Promise<ReadonlyMap<string, number>> {
  const { prompts } = await readManifest(dir);
  return new Map(
    prompts
      .filter(({ file }) => file !== null && existsSync(join(dir, file)))
      .map(({ language, key, durationMs }) => [`${language}/${key}`, durationMs]),
  );
}
