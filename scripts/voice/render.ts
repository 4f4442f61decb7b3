import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ClipManifest,
  MANIFEST_FILE,
  type ManifestEntry,
  readManifest,
} from '#agent/behaviours/voice/clips.ts';
import type { GuidedPlace, SiteAnswer } from '#agent/ports/guidance.ts';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav, wavDurationMs } from '#contract/wav.ts';
import { type Catalogue, loadCatalogue } from './catalogue.ts';
import { EspeakEngine, type SpeechEngine } from './engine.ts';
import type { InstalledPack } from './pack/store.ts';
import { unreadable } from './reading.ts';
import { levelled, trimmed, wavFile } from './sound.ts';
import { answerWords, type PromptWords, wayWords, wordsOf } from './words.ts';

/** Change when the same words and engine are to give other clips. */
const RENDERING = 2;
/** espeak-ng keeps one core busy; a device is set up beside other work. */
const AT_A_TIME = 2;

export interface RenderOptions {
  /** The clips' folder, DIR/voice of a device. */
  readonly dir: string;
  /** The profile's. */
  readonly languages: readonly string[];
  /** The profile's; default 110. */
  readonly emergencyNumber?: string | undefined;
  /** The profile's; default: the emergency number. */
  readonly medicalNumber?: string | undefined;
  /** The site's, each to be spoken as `place.ID`. */
  readonly places?: readonly GuidedPlace[] | undefined;
  /** The site's, each to be spoken as `answer.ID`. */
  readonly answers?: readonly SiteAnswer[] | undefined;
  /** Recordings that go before synthesis, prompt by prompt. */
  readonly pack?: InstalledPack;
  /** Default: espeak-ng. */
  readonly engine?: SpeechEngine;
  /** Default: the project's catalogues. */
  readonly catalogueDir?: string;
  /** Called after each clip that had to be rendered. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RenderOutcome {
  readonly prompts: number;
  readonly rendered: number;
  /** Prompts without a clip. */
  readonly silent: number;
  /**
   * At most one each of WP2507 (no engine) or WP2508 (it failed), WP2540 (a place without a name that can be read) and
   * WP2701 (an answer likewise): to be said as warnings; the manifest is there all the same.
   */
  readonly problems: readonly WatchpostError[];
}

interface Job {
  readonly words: PromptWords;
  readonly language: string;
  readonly engine: Catalogue['catalogue']['engine'];
}

/**
 * Renders every prompt in the languages given and writes the manifest last, so that a device never plays from
 * half a set. Clips whose words, voice and engine are unchanged are left as they are. Without a speech engine the
 * clips that are there stay in use as far as their words still hold. Rejects with WP2506 or WP2510 for a bad or
 * missing catalogue.
 */
export async function renderVoice(options: RenderOptions): Promise<RenderOutcome> {
  const engine = options.engine ?? new EspeakEngine();
  const jobs = await jobsOf(options);
  await options.pack?.bind(jobs.map(({ language, words: { key, text } }) => ({ language, key, text })));
  await mkdir(options.dir, { recursive: true });
  const renderer = new Renderer(options, engine, await versionOf(engine), await manifestBefore(options.dir));
  const entries = await inParallel(jobs, (job) => renderer.entryOf(job, jobs.length));
  await writeManifest(options.dir, entries);
  await removeOthers(options.dir, entries);
  const silent = entries.filter(({ file }) => file === null).length;
  const found = [renderer.problem, await untoldPlaces(options), await untoldAnswers(options)];
  const problems = found.filter((problem) => problem !== null);
  return { prompts: entries.length, rendered: renderer.rendered, silent, problems };
}

async function jobsOf({
  languages,
  catalogueDir,
  emergencyNumber,
  medicalNumber,
  places = [],
  answers = [],
  pack,
}: RenderOptions): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const language of new Set(languages)) {
    const catalogue = await loadCatalogue(language, catalogueDir);
    const all = await wordsOf(catalogue, { emergencyNumber, medicalNumber });
    const own = [...(await wayWords(catalogue, places)), ...answerWords(language, answers)];
    const readable = own.filter(
      (words) => isReadable(catalogue, words.speech) || isRecorded(pack, language, words),
    );
    jobs.push(
      ...[...all, ...readable].map((words) => ({ words, language, engine: catalogue.catalogue.engine })),
    );
  }
  return jobs;
}

/** Whether there is a recording of these words: then nothing has to be read. */
function isRecorded(pack: InstalledPack | undefined, language: string, words: PromptWords): boolean {
  return pack !== undefined && pack.find(language, words) !== null;
}

function isReadable({ catalogue }: Catalogue, speech: string): boolean {
  return unreadable(catalogue, speech) === null;
}

/** WP2540 naming each place and language that will stay silent, or null. */
async function untoldPlaces({
  languages,
  catalogueDir,
  places = [],
  pack,
}: RenderOptions): Promise<WatchpostError | null> {
  const untold: string[] = [];
  for (const language of new Set(languages)) {
    const all = await loadCatalogue(language, catalogueDir);
    const { catalogue } = all;
    const ways = await wayWords(all, places);
    for (const { id, name } of places) {
      if (ways.some((way) => way.key === `place.${id}` && isRecorded(pack, language, way))) continue;
      const said = name[language];
      const speech = typeof said === 'string' ? said : said?.speech;
      const why = speech === undefined ? 'no name' : unreadable(catalogue, speech);
      if (why !== null) untold.push(`${id} in ${language}: ${why}`);
    }
  }
  return untold.length === 0 ? null : new WatchpostError('WP2540', { detail: untold.join('; ') });
}

/** WP2701 naming each answer and language that will be shown only, or null. */
async function untoldAnswers({
  languages,
  catalogueDir,
  answers = [],
  pack,
}: RenderOptions): Promise<WatchpostError | null> {
  const untold: string[] = [];
  for (const language of new Set(languages)) {
    const catalogue = await loadCatalogue(language, catalogueDir);
    const words = new Map(answerWords(language, answers).map((answer) => [answer.key, answer]));
    for (const { id } of answers) {
      const answer = words.get(`answer.${id}`);
      const why = answer === undefined ? 'no words' : unreadable(catalogue.catalogue, answer.speech);
      if (why !== null && !(answer !== undefined && isRecorded(pack, language, answer)))
        untold.push(`${id} in ${language}: ${why}`);
    }
  }
  return untold.length === 0 ? null : new WatchpostError('WP2701', { detail: untold.join('; ') });
}

/** Makes the manifest's entry of one prompt, with its clip where that can be had. */
class Renderer {
  rendered = 0;
  problem: WatchpostError | null;
  readonly #options: RenderOptions;
  readonly #engine: SpeechEngine;
  readonly #version: string | WatchpostError;
  readonly #before: ReadonlyMap<string, ManifestEntry>;
  #done = 0;

  constructor(
    options: RenderOptions,
    engine: SpeechEngine,
    version: string | WatchpostError,
    before: ReadonlyMap<string, ManifestEntry>,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#version = version;
    this.#before = before;
    this.problem = typeof version === 'string' ? null : version;
  }

  async entryOf(job: Job, total: number): Promise<ManifestEntry> {
    const entry = (await this.#recorded(job)) ?? (await this.#reused(job)) ?? (await this.#fresh(job));
    this.#done += 1;
    this.#options.onProgress?.(this.#done, total);
    return entry;
  }

  /** The recording of the prompt, copied to its place where it is not there yet. */
  async #recorded({ words, language }: Job): Promise<ManifestEntry | null> {
    const { pack, dir } = this.#options;
    const clip = pack?.find(language, words);
    if (pack === undefined || clip === null || clip === undefined) return null;
    const file = `${language}/${words.key}.wav`;
    const entry = { key: words.key, language, text: words.text, file, durationMs: clip.durationMs };
    const hash = `recorded:${clip.sha256}`;
    const isThere = this.#before.get(`${language}/${words.key}`)?.hash === hash;
    if (isThere && (await lengthOf(join(dir, file))) !== null) return { ...entry, hash };
    try {
      await this.#write(join(dir, file), await pack.bytesOf(clip));
      return { ...entry, hash };
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      this.problem ??= error;
      return null;
    }
  }

  async #write(file: string, bytes: Buffer): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partOf(file), bytes);
    await rename(partOf(file), file);
    this.rendered += 1;
  }

  /** The clip of the last rendering if it still says these words, and sounds the same as far as can be known. */
  async #reused({ words, language, engine }: Job): Promise<ManifestEntry | null> {
    const before = this.#before.get(`${language}/${words.key}`);
    if (before?.file == null || before.hash === null) return null;
    // Without an engine its version is unknown: a clip that says the same words is better than silence.
    const same =
      typeof this.#version === 'string'
        ? before.hash === hashOf(this.#version, { words, language, engine })
        : before.text === words.text;
    return same && (await lengthOf(join(this.#options.dir, before.file))) !== null ? before : null;
  }

  async #fresh(job: Job): Promise<ManifestEntry> {
    const { words, language } = job;
    const silent = { key: words.key, language, text: words.text, file: null, durationMs: 0, hash: null };
    if (typeof this.#version !== 'string') return silent;
    const hash = hashOf(this.#version, job);
    const file = `${language}/${words.key}.wav`;
    try {
      const durationMs = await this.#render(job, join(this.#options.dir, file));
      return { ...silent, file, durationMs, hash };
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      this.problem ??= error;
      return silent;
    }
  }

  /** Renders the clip in its place and answers how long it lasts. */
  async #render({ words, language, engine }: Job, file: string): Promise<number> {
    const part = partOf(file);
    await mkdir(dirname(file), { recursive: true });
    await this.#engine.speak({ ...engine, speech: words.speech, file: part });
    const sound = trimmed(parseWav(await readFile(part), part));
    if (sound.data.length === 0)
      throw new WatchpostError('WP2508', { detail: `${language}/${words.key}: nothing is heard` });
    await this.#write(file, wavFile(levelled(sound)));
    return Math.round(wavDurationMs(sound));
  }
}

async function versionOf(engine: SpeechEngine): Promise<string | WatchpostError> {
  try {
    return await engine.version();
  } catch (error) {
    if (error instanceof WatchpostError) return error;
    throw error;
  }
}

function hashOf(version: string, { words, engine }: Job): string {
  const all = [RENDERING, version, engine.voice, engine.wordsPerMinute, words.text, words.speech];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function manifestBefore(dir: string): Promise<ReadonlyMap<string, ManifestEntry>> {
  try {
    const { prompts } = await readManifest(dir);
    return new Map(prompts.map((entry) => [`${entry.language}/${entry.key}`, entry]));
  } catch (error) {
    // None yet, or of another version: everything is rendered anew.
    if (error instanceof WatchpostError) return new Map();
    throw error;
  }
}

/** Milliseconds of a WAV file, or null when it is missing, broken or empty. */
async function lengthOf(file: string): Promise<number | null> {
  try {
    const durationMs = wavDurationMs(parseWav(await readFile(file), file));
    return durationMs > 0 ? Math.round(durationMs) : null;
  } catch {
    return null;
  }
}

async function writeManifest(dir: string, prompts: readonly ManifestEntry[]): Promise<void> {
  const manifest: ClipManifest = { manifestVersion: 1, prompts: [...prompts] };
  const file = join(dir, MANIFEST_FILE);
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  // As it stands: nothing is written, which a full disk may refuse.
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return;
  await writeFile(partOf(file), text);
  await rename(partOf(file), file);
}

/** Clips of languages and prompts that are no longer wanted. */
async function removeOthers(dir: string, entries: readonly ManifestEntry[]): Promise<void> {
  const wanted = new Set<string>([MANIFEST_FILE, ...entries.flatMap(({ file }) => file ?? [])]);
  for (const name of await readdir(dir, { recursive: true })) {
    if (/\.(wav|part)$/.test(name) && !wanted.has(name)) await rm(join(dir, name), { force: true });
  }
}

/** Written under this name first, so that a file under its own name is whole. */
function partOf(file: string): string {
  return `${file}.part`;
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const todo = [...items.entries()];
  const worker = async () => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      results.set(next[0], await work(next[1]));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}
