import { WatchpostError } from '#contract/errors.ts';
import { availableLanguages, loadCatalogue } from '../catalogue.ts';
import { PROMPT_KEYS } from '../prompts.ts';
import { wordsOf } from '../words.ts';
import { packFiles } from './files.ts';
import { type Recording, recordingOf } from './recording.ts';

export interface PackOptions {
  /** The number that the recordings name; default 110. */
  readonly emergencyNumber?: string;
  /** And whom to call where somebody is hurt or ill; default: the same. */
  readonly medicalNumber?: string;
  /** Default: the project's catalogues. */
  readonly catalogueDir?: string;
}

/** A recording that can be used, and the words it stands for. */
export interface RecordedClip extends Recording {
  readonly language: string;
  readonly key: string;
  /**
   * The catalogue's words at the time: once they change, the recording is out of date. Null for what the site says of
   * itself, whose words are not known here.
   */
  readonly text: string | null;
}

export interface PackReport {
  /** In the order of the catalogues, languages of which the pack has anything. */
  readonly languages: readonly {
    readonly language: string;
    readonly prompts: number;
    readonly missing: readonly string[];
  }[];
  /** WP2542 to WP2545, one a file that cannot be used. */
  readonly problems: readonly WatchpostError[];
}

/** Beside the clips a pack may hold what people read, and what their computers leave. */
const NO_CLIP = /(^|\/)(\.|__MACOSX\/|(README|LICEN[CS]E|COPYING|NOTICE)[^/]*$)|\.(txt|md|pdf)$/i;

/**
 * Checks a voice pack, files `LANGUAGE/KEY.wav` in a folder or a zip (also below one common folder), and hands over each
 * clip that can be used. Missing keys are no fault: they are synthesised. Throws WP2541 when there is no pack to read.
 */
export async function checkPack(
  source: string,
  options: PackOptions,
  onClip: (clip: RecordedClip) => Promise<void>,
): Promise<PackReport> {
  const words = await wordsByClip(options);
  const found = new Map<string, string[]>();
  const problems: WatchpostError[] = [];
  for await (const { path, bytes } of packFiles(source)) {
    if (NO_CLIP.test(path)) continue;
    try {
      const clip = clipAt(path, words, found);
      const recording = recordingOf(bytes, path);
      found.set(clip.language, [...(found.get(clip.language) ?? []), clip.key]);
      await onClip({ ...clip, ...recording });
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      problems.push(error);
    }
  }
  const languages = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, keys]) => {
      const missing = PROMPT_KEYS.filter((key) => !keys.includes(key));
      return { language, prompts: PROMPT_KEYS.length - missing.length, missing };
    });
  return { languages, problems };
}

/** The way to a place, and the site's own answers. */
const OF_SITE = /^(?:place|answer)\.[a-z][a-z0-9-]{0,39}$/;

type Words = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function wordsByClip({ catalogueDir, ...numbers }: PackOptions): Promise<Words> {
  const all = new Map<string, ReadonlyMap<string, string>>();
  for (const language of await availableLanguages(catalogueDir)) {
    const catalogue = await loadCatalogue(language, catalogueDir);
    const words = await wordsOf(catalogue, numbers);
    all.set(language, new Map(words.map(({ key, text }) => [key, text])));
  }
  return all;
}

/** Which prompt a file is the clip of. Throws WP2542. */
function clipAt(path: string, words: Words, found: ReadonlyMap<string, readonly string[]>) {
  const refuse = (what: string) => new WatchpostError('WP2542', { detail: `${path}: ${what}` });
  const [, language = '', key = ''] = /^(?:[^/]+\/)?([^/]+)\/([^/]+)\.wav$/i.exec(path) ?? [];
  const ofLanguage = words.get(language);
  if (ofLanguage === undefined)
    throw refuse(language === '' ? 'not LANGUAGE/KEY.wav' : `no language of ${[...words.keys()].join(', ')}`);
  const text = ofLanguage.get(key) ?? null;
  if (text === null && !OF_SITE.test(key))
    throw refuse(`no prompt of ${[...ofLanguage.keys(), 'place.ID', 'answer.ID'].join(', ')}`);
  if (found.get(language)?.includes(key) === true) throw refuse('there is another clip of this prompt');
  return { language, key, text };
}
