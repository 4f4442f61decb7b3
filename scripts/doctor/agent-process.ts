import { join, resolve } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import { listSystem, type Machine, readSystem, realSystem } from './machine.ts';

/** The process id of the agent that runs on a folder, by the command lines of all processes; null where none does. */
export function agentOn(machine: Machine, dataDir: string): number | null {
  const wanted = resolve(dataDir);
  for (const name of listSystem(machine, '/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const args = (readSystem(machine, `/proc/${name}/cmdline`) ?? '').split('\0');
    if (!args.some((arg) => arg.endsWith('agent/main.ts'))) continue;
    const [data, card] = [optionOf(args, '--data'), optionOf(args, '--card')];
    const given = data ?? (card === undefined ? undefined : join(card, CARD.data));
    if (given === undefined) continue;
    const from = realSystem(machine, `/proc/${name}/cwd`) ?? '/';
    if (resolve(from, given) === wanted) return Number(name);
  }
  return null;
}

function optionOf(args: readonly string[], option: string): string | undefined {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  return args[at] === option ? args[at + 1] : args[at]?.slice(option.length + 1);
}
