import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { SimAnswer, SimRequest, SimState } from '#agent/drivers/sim/protocol.ts';
import { askSim } from './sim-client.ts';
import { addRobot } from './sim-robot.ts';

interface SimOptions {
  readonly data: string;
  readonly json?: true;
}

/** `watchpost sim --data DIR press|release|tamper|untamper|sensor|link|clock|clip|pose|robot|state` */
export function simCommand(): Command {
  const sim = new Command('sim')
    .requiredOption('--data <dir>', 'the device’s own folder, such as var/pillar-001')
    .option('--json', 'print only JSON lines');
  const contacts = [
    ['press', 'press the button and hold it; prints the event’s id once it is journalled'],
    ['release', 'let the button go'],
    ['tamper', 'open the case; prints the event’s id once it is journalled'],
    ['untamper', 'close the case'],
  ] as const;
  for (const [request, about] of contacts) {
    const named = sim.command(request).argument('[name]', 'which contact, where there are several');
    named
      .description(about)
      .action((name: string | undefined) => run(sim, { request, ...(name === undefined ? {} : { name }) }));
  }
  addLevels(sim);
  addRobot(sim, (order) => run(sim, { request: 'robot', order }));
  return sim;
}

function addLevels(sim: Command): void {
  sim
    .command('sensor')
    .argument('<name>', 'the sensor')
    .argument('<value>', 'what it reads, or "fail"', reading)
    .description('set what a sensor reads')
    .action((name: string, value: number | 'fail') => run(sim, { request: 'sensor', name, value }));
  sim
    .command('link')
    .addArgument(new Argument('<state>').choices(['up', 'down']))
    .description('cut or restore the network')
    .action((state: 'up' | 'down') => run(sim, { request: 'link', state }));
  sim
    .command('clock')
    .addArgument(new Argument('<state>').choices(['unset', 'synced']))
    .description('make the clock wake up in 1970, or set it')
    .action((state: 'unset' | 'synced') => run(sim, { request: 'clock', state }));
  sim
    .command('clip')
    .argument('<name>', 'the clip')
    .description('play a clip to the camera from its beginning')
    .action((name: string) => run(sim, { request: 'clip', name }));
  sim
    .command('pose')
    .argument('<x>', 'metres on the site map', coordinate)
    .argument('<y>', 'metres', coordinate)
    .argument('[theta]', 'radians, counter-clockwise from x', coordinate, 0)
    .description('put a robot elsewhere')
    .action((x: number, y: number, theta: number) => run(sim, { request: 'pose', x, y, theta }));
  sim
    .command('state')
    .description('print panic state, lamp, siren, voice, link, queues, robot and actuators')
    .action(() => run(sim, { request: 'state' }));
}

function reading(text: string): number | 'fail' {
  if (text === 'fail') return text;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('use a number, or "fail"');
}

function coordinate(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('use a number');
}

/** Prints the answer. A refusal goes to standard error with code and hint, and exits 1. */
async function run(sim: Command, request: SimRequest): Promise<void> {
  const { data, json } = sim.opts<SimOptions>();
  const answer = await askSim(resolve(data), request);
  if (!answer.ok) {
    process.exitCode = 1;
    process.stderr.write(`${answer.message}\n  → ${answer.hint}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(jsonOf(answer))}\n`);
  else if (answer.ok) process.stdout.write(textOf(answer));
}

function jsonOf(answer: SimAnswer): object {
  return answer.ok && answer.state !== undefined ? answer.state : answer;
}

function textOf({ id, state }: Extract<SimAnswer, { ok: true }>): string {
  if (state !== undefined) return stateText(state);
  return id === undefined ? '' : `${id}\n`;
}

function visitText({ step, language, topic }: NonNullable<SimState['guidance']>): string {
  return [step, language, topic].filter((part) => part !== null).join(' ');
}

function robotText({ x, y, stops, doing }: NonNullable<SimState['robot']>): string {
  const held = stops.length === 0 ? '' : `: ${stops.join(', ')}`;
  return `${x.toFixed(2)}, ${y.toFixed(2)} ${doing}${held}`;
}

function stateText(state: SimState): string {
  const { panic, lamp, siren, voice, link, queues, robot, guidance, actuators = {} } = state;
  const rows = {
    panic,
    lamp: lamp ?? 'dark',
    siren: siren ? 'on' : 'off',
    voice: voice === null ? 'silent' : `${voice.key} (${voice.language})`,
    link,
    queues: Object.entries(queues)
      .map(([lane, count]) => `${lane} ${count}`)
      .join(', '),
    ...(robot && { robot: robotText(robot) }),
    ...(guidance && { guidance: visitText(guidance) }),
    ...Object.fromEntries(
      Object.entries(actuators).map(([name, { position, degrees }]) => [
        name,
        `${position ?? 'away'}${degrees === null ? '' : ` (${degrees}°)`}`,
      ]),
    ),
  };
  const width = Math.max(...Object.keys(rows).map(({ length }) => length)) + 1;
  return Object.entries(rows)
    .map(([name, value]) => `${name.padEnd(width)}${value}\n`)
    .join('');
}
