import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { createSpeaker, SPOKEN_FILE } from '#agent/drivers/audio/create-speaker.ts';
import { DEFAULT_EMERGENCY_NUMBER } from '#agent/ports/guidance.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav } from '#contract/wav.ts';
import { availableLanguages, CATALOGUE_DIR, loadCatalogue, missingPrompts } from '../voice/catalogue.ts';
import { EspeakEngine } from '../voice/engine.ts';
import { CATALOGUE_KEYS, PROMPT_KEYS, type PromptKey } from '../voice/prompts.ts';
import { levelled, trimmed, wavFile } from '../voice/sound.ts';
import { wordsOf } from '../voice/words.ts';
import { digits } from './digits.ts';
import { voicePackCommand } from './voice-pack.ts';
import { type Coverage, coverageTable } from './voice-table.ts';

interface SayOptions {
  readonly language: string;
  readonly emergencyNumber: string;
  readonly medicalNumber?: string;
}

interface AuditOptions {
  readonly catalogues: string;
  readonly json?: boolean;
}

/** `watchpost voice say|audit|pack`. */
export function voiceCommand(): Command {
  const command = new Command('voice').description('speak, check and replace the prompts');
  command
    .command('say')
    .description('speak one prompt here and now, to try its words')
    .addArgument(new Argument('<key>', 'the prompt').choices(PROMPT_KEYS))
    .requiredOption('--language <tag>', 'the language, as its catalogue is named: en, zh-CN, …')
    .option('--emergency-number <digits>', 'the number to call', digits, DEFAULT_EMERGENCY_NUMBER)
    .option('--medical-number <digits>', 'the number to call for somebody who is hurt or ill', digits)
    .action((key: PromptKey, options: SayOptions, say: Command) => sayPrompt(key, options, say));
  command
    .command('audit')
    .description('list the prompts that a language lacks; exits 1 when there are any')
    .option('--json', 'one JSON line a language: {language, prompts, missing}')
    .option('--catalogues <dir>', 'folder of the catalogues', CATALOGUE_DIR)
    .action(auditVoices);
  return command.addCommand(voicePackCommand());
}

async function sayPrompt(
  key: PromptKey,
  { language, ...numbers }: SayOptions,
  command: Command,
): Promise<void> {
  const languages = await availableLanguages();
  if (!languages.includes(language))
    command.error(`error: there is no catalogue '${language}': use one of ${languages.join(', ')}`);
  const catalogue = await loadCatalogue(language);
  const words = (await wordsOf(catalogue, numbers)).find((prompt) => prompt.key === key);
  if (words === undefined) throw new WatchpostError('WP2501', { detail: `${language}/${key}` });
  const engine = new EspeakEngine();
  await engine.version();
  const dir = await mkdtemp(join(tmpdir(), 'watchpost-voice-'));
  try {
    const file = join(dir, 'prompt.wav');
    await engine.speak({ ...catalogue.catalogue.engine, speech: words.speech, file });
    await writeFile(file, wavFile(levelled(trimmed(parseWav(await readFile(file), file)))));
    process.stdout.write(`${words.text}\n`);
    await playHere(file);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Without a sound device the words go to a WAV file in the current folder, which is named. */
async function playHere(file: string): Promise<void> {
  const speaker = createSpeaker(
    { driver: 'auto' },
    {
      clock: systemClock,
      dataDir: process.cwd(),
      onChoice: ({ problem }) => {
        if (problem !== null) process.stderr.write(`${problem.message}\n  → written to ${SPOKEN_FILE}\n`);
      },
    },
  );
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await speaker.start();
    await speaker.play(file, stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await speaker.close();
  }
}

async function auditVoices({ catalogues, json }: AuditOptions): Promise<void> {
  const rows: Coverage[] = [];
  for (const language of await availableLanguages(catalogues)) {
    const missing = missingPrompts(await loadCatalogue(language, catalogues));
    rows.push({ language, prompts: CATALOGUE_KEYS.length - missing.length, missing });
  }
  const lines = json ? rows.map((row) => JSON.stringify(row)) : coverageTable(rows, CATALOGUE_KEYS.length);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (rows.some(({ missing }) => missing.length > 0)) process.exitCode = 1;
}
