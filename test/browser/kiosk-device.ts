import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { GuidanceBehaviour } from '#agent/behaviours/guidance/guidance.ts';
import { KioskServer } from '#agent/kiosk/server.ts';
import { DEFAULT_EMERGENCY_NUMBER, Guidance } from '#agent/ports/guidance.ts';
import type { Phrase } from '#agent/ports/kiosk.ts';
import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import type { VoiceRequest } from '#agent/ports/speaker.ts';
import { type Clock, systemClock } from '#contract/clock.ts';
import { KIOSK_BUNDLE_DIR } from '#scripts/commands/build-kiosk.ts';
import { loadCatalogue } from '#scripts/voice/catalogue.ts';
import { answerWords, wayWords, wordsOf } from '#scripts/voice/words.ts';
import { silentLog } from '#test/agent/behaviours/fakes.ts';

export const TOLD_MS = 2_000;

/** Of the same words in every language: what the page does with them does not depend on them. */
const inEach = (text: string): Record<string, string> =>
  Object.fromEntries(PAGE_LANGUAGES.map((language) => [language, text]));

export const GUIDANCE: Guidance = Guidance.parse({
  languages: PAGE_LANGUAGES.slice(2),
  idleS: 30,
  places: [
    { id: 'exit-2', direction: 'left', distanceM: 52, name: { ...inEach('Exit 2'), ar: 'المخرج 2' } },
    { id: 'toilets', direction: 'behind', name: { ...inEach('WC'), ar: 'دورات المياه' } },
    { id: 'desk', direction: 'ahead', distanceM: 240, name: inEach('Information') },
    { id: 'taxi', direction: 'right', distanceM: 400, name: inEach('Taxi') },
  ],
  answers: [{ id: 'lockers', title: inEach('Left luggage'), text: inEach('From ten until ten.') }],
});

let phrases: Promise<ReadonlyMap<string, Phrase>> | null = null;

/** The page as a device serves it, with the real words of all languages and no agent behind it. */
export class KioskDevice {
  readonly said: VoiceRequest[] = [];
  readonly guidance: GuidanceBehaviour;
  readonly #dir: string;
  #server: KioskServer;

  /** `clock`: of the visitor's session alone. */
  static async start(t: Test, clock: Clock = systemClock): Promise<KioskDevice> {
    const dir = mkdtempSync(join(tmpdir(), 'watchpost-kiosk-'));
    cpSync(KIOSK_BUNDLE_DIR, join(dir, 'page'), { recursive: true });
    const device = new KioskDevice(dir, await phrasesOfAll(), clock);
    await device.#server.start();
    t.teardown(async () => {
      await device.#server.close();
      await device.guidance.close();
      rmSync(dir, { recursive: true, force: true });
    });
    return device;
  }

  constructor(dir: string, phrases: ReadonlyMap<string, Phrase>, clock: Clock) {
    this.#dir = dir;
    this.guidance = new GuidanceBehaviour({
      guidance: GUIDANCE,
      languages: PAGE_LANGUAGES.slice(0, 2),
      emergencyNumber: DEFAULT_EMERGENCY_NUMBER,
      inputs: [],
      phrases: (key, language) => phrases.get(`${language}/${key}`) ?? null,
      voice: { say: (request) => this.said.push(request), takeBack: () => undefined },
      onHealth: () => undefined,
      clock,
      log: silentLog,
    });
    this.#server = this.#newServer();
  }

  get address(): string {
    return readFileSync(join(this.#dir, 'kiosk.url'), 'utf8').trim();
  }

  /** As after an update: the page's script has another name from now on. */
  renameScript(): void {
    const assets = join(this.#dir, 'page/assets');
    const script = readdirSync(assets).find((name) => name.endsWith('.js')) ?? '';
    const index = join(this.#dir, 'page/index.html');
    renameSync(join(assets, script), join(assets, 'kiosk-NEWER.js'));
    writeFileSync(index, readFileSync(index, 'utf8').replace(script, 'kiosk-NEWER.js'));
  }

  /** As when the agent ends; `restart` opens the page at the same address again. */
  async stop(): Promise<void> {
    await this.#server.close();
  }

  async restart(): Promise<void> {
    this.#server = this.#newServer();
    await this.#server.start();
  }

  #newServer(): KioskServer {
    return new KioskServer({
      settings: { port: 0 },
      dataDir: this.#dir,
      pageDir: join(this.#dir, 'page'),
      source: this.guidance,
      onHealth: () => undefined,
      clock: systemClock,
      log: silentLog,
    });
  }
}

/** Read once for all devices of a file. */
function phrasesOfAll(): Promise<ReadonlyMap<string, Phrase>> {
  phrases ??= allPhrases();
  return phrases;
}

async function allPhrases(): Promise<Map<string, Phrase>> {
  const phrases = new Map<string, Phrase>();
  for (const language of PAGE_LANGUAGES) {
    const catalogue = await loadCatalogue(language);
    const words = [
      ...(await wordsOf(catalogue)),
      ...(await wayWords(catalogue, GUIDANCE.places)),
      ...answerWords(language, GUIDANCE.answers),
    ];
    for (const { key, text } of words) phrases.set(`${language}/${key}`, { text, durationMs: TOLD_MS });
  }
  return phrases;
}
