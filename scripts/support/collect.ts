import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { Patient } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { type Machine, readSystem } from '../doctor/machine.ts';
import { queuesIn } from '../doctor/queues.ts';
import { ROOT } from '../site/demo-site.ts';
import { isFolder, type LeftOut, type Taken, takeFrom } from './folder.ts';
import { healthHistory } from './health-history.ts';
import { type Redacted, Redactor } from './redactor.ts';

/** One file of the archive, as it will be written. */
export interface Collected {
  readonly name: string;
  readonly text: string;
  /** How often something was left out of it. */
  readonly redactions: number;
  /** What else is to be said of it; empty for nothing. */
  readonly note: string;
}

export interface Collection {
  readonly files: readonly Collected[];
  readonly leftOut: readonly LeftOut[];
}

export interface CollectRequest {
  readonly patient: Patient & { readonly dataDir: string };
  readonly mostLogBytes: number;
}

const UNITS = ['watchpost-agent', 'watchpost-broker'] as const;
const NEWEST_LINES = '300';

/**
 * Logs, versions and states of a device or a site, in memory; nothing is written.
 * @throws WatchpostError WP4727 where the folder is none
 */
export async function collect({ patient, mostLogBytes }: CollectRequest): Promise<Collection> {
  const { dataDir, machine } = patient;
  if (!isFolder(dataDir)) throw new WatchpostError('WP4727', { detail: dataDir });
  const { taken, leftOut } = takeFrom(dataDir, mostLogBytes);
  const made = [
    ...taken.filter(({ text }) => text !== ''),
    ...(await logsOfUnits(machine)),
    json('about.json', aboutOf(machine)),
    json(
      'queues.json',
      stateOf(() => queuesIn(dataDir)),
    ),
    lines(
      'health.jsonl',
      stateOf(() => healthHistory(dataDir)),
    ),
    lines('doctor.jsonl', await examine(patient)),
  ];
  return withoutSecrets(made, leftOut);
}

/** What stands under a secret's name in one file is left out of all of them. */
function withoutSecrets(made: readonly Taken[], leftOut: readonly LeftOut[]): Collection {
  const redactor = new Redactor();
  for (const file of made) for (const document of documentsOf(file)) redactor.learnFrom(document);
  const files: Collected[] = [];
  const withheld: LeftOut[] = [];
  for (const file of made) {
    const { text, count } = redacted(redactor, file);
    if (redactor.isLeaking(text))
      withheld.push({ name: file.name, reason: 'a secret could not be taken out of it' });
    else files.push({ name: file.name, text, redactions: count, note: noteOf(file) });
  }
  return { files, leftOut: [...leftOut, ...withheld] };
}

const noteOf = ({ cut }: Taken): string => (cut === 0 ? '' : `its end; ${cut} bytes before are left out`);

function redacted(redactor: Redactor, { kind, text }: Taken): Redacted {
  if (kind === 'log') return redactor.lines(text);
  const document = kind === 'json' ? parsed(text) : undefined;
  return document === undefined ? redactor.text(text) : redactor.json(document, 1);
}

function documentsOf({ kind, text }: Taken): unknown[] {
  if (kind === 'text') return [];
  return kind === 'json' ? [parsed(text)] : text.split('\n').map(parsed);
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Damaged, which may be what is looked for: it is sent as text.
  }
}

async function logsOfUnits(machine: Machine): Promise<Taken[]> {
  const logs: Taken[] = [];
  for (const unit of UNITS) {
    const command = ['journalctl', '-u', unit, '--no-pager', '-o', 'cat', '-n', NEWEST_LINES] as const;
    const { status, shown } = await machine.run(command);
    if (status === 0 && shown.trim() !== '' && !shown.startsWith('-- No entries'))
      logs.push({ name: `${unit}.journal.log`, kind: 'log', text: shown, cut: 0 });
  }
  return logs;
}

const Package = z.looseObject({ version: z.string() });

/** No name of the machine, none of its addresses. */
function aboutOf(machine: Machine): object {
  const { version } = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const [processor] = cpus();
  return {
    collectedAt: new Date(machine.nowMs()).toISOString(),
    watchpost: version,
    node: machine.nodeVersion,
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(readSystem(machine, '/etc/os-release') ?? '')?.[1] ?? null,
    kernel: release(),
    board: (readSystem(machine, '/proc/device-tree/model') ?? '').replaceAll('\0', '') || null,
    ...{ machine: arch(), processor: processor?.model ?? null, processors: cpus().length },
    ...{ memoryBytes: totalmem(), uptimeS: Math.floor(uptime()), load: loadavg() },
  };
}

/** A state that cannot be read is told as such: that may be why help is asked for. */
function stateOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    return { error: cause instanceof Error ? cause.message : String(cause) };
  }
}

const json = (name: string, value: unknown): Taken => ({
  name,
  kind: 'json',
  text: JSON.stringify(value),
  cut: 0,
});

function lines(name: string, value: unknown): Taken {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return { name, kind: 'log', text: all.map((each) => `${JSON.stringify(each)}\n`).join(''), cut: 0 };
}
