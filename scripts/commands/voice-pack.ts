import { Command } from 'commander';
import { DEFAULT_EMERGENCY_NUMBER } from '#agent/ports/guidance.ts';
import { checkPack, type PackReport } from '../voice/pack/check.ts';
import { installPack } from '../voice/pack/store.ts';
import { PROMPT_KEYS } from '../voice/prompts.ts';
import { digits } from './digits.ts';
import { coverageTable } from './voice-table.ts';

interface PackCommandOptions {
  readonly install?: string;
  readonly emergencyNumber: string;
  readonly medicalNumber?: string;
  readonly json?: boolean;
}

/** `watchpost voice pack SOURCE`: exits 1 when any of its files cannot be used. */
export function voicePackCommand(): Command {
  return new Command('pack')
    .description('check recorded clips, which replace synthesis prompt by prompt; install them on a device')
    .argument('<source>', 'a folder or a zip of files LANGUAGE/KEY.wav')
    .option('--install <dir>', 'the device’s own folder; the next start speaks with the clips')
    .option(
      '--emergency-number <digits>',
      'the number that the recordings name',
      digits,
      DEFAULT_EMERGENCY_NUMBER,
    )
    .option('--medical-number <digits>', 'the one they name for somebody who is hurt or ill', digits)
    .option(
      '--json',
      'one JSON line a language: {language, prompts, missing}, then one a problem: {code, detail}',
    )
    .action(packVoices);
}

async function packVoices(source: string, { install, json, ...numbers }: PackCommandOptions): Promise<void> {
  const report =
    install === undefined
      ? await checkPack(source, numbers, async () => undefined)
      : await installPack(source, install, numbers);
  print(report, json === true ? 'json' : 'table');
  if (report.problems.length > 0) process.exitCode = 1;
  else if (install !== undefined)
    process.stderr.write(`installed in ${install}; the next start speaks with it\n`);
}

function print({ languages, problems }: PackReport, form: 'json' | 'table'): void {
  const lines =
    form === 'json'
      ? [
          ...languages.map((row) => JSON.stringify(row)),
          ...problems.map(({ code, detail }) => JSON.stringify({ code, detail })),
        ]
      : coverageTable(languages, PROMPT_KEYS.length);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (form === 'json') return;
  for (const { message, hint } of problems) process.stderr.write(`${message}\n  → ${hint}\n`);
}
