import { Argument, Command, Option } from 'commander';
import * as z from 'zod';
import { ROLES } from '#broker/auth/roles.ts';
import { PersonItem } from '#contract/http.ts';
import { askBroker } from '../care/site-client.ts';
import { readNewPassword } from '../people/secret-input.ts';

interface Common {
  readonly data: string;
  readonly json?: true;
}

const People = z.object({ items: z.array(PersonItem) });
const EXIT_CODES = '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.';
const TERMINAL = { input: process.stdin, output: process.stderr };

/** `watchpost people …`: names the people of a running site, as its admin. */
export function peopleCommand(): Command {
  const command = new Command('people').description('name the people of a running site and their roles');
  onPeople(command, 'list', 'everybody, with role and standing').action(list);
  onPerson(command, 'add', 'name somebody; asks for the password, or reads a line of standard input')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option('--no-password', 'somebody who comes by token alone')
    .action(add);
  onPerson(command, 'password', 'give another password; ends their sessions').action(password);
  onPerson(command, 'role', 'give another role; ends their sessions and tokens')
    .addArgument(new Argument('<role>').choices(ROLES))
    .action((name: string, role: string, options: Common) => change(name, { role }, options));
  onPerson(command, 'disable', 'let them in no more; ends their sessions and tokens').action(
    (name: string, options: Common) => change(name, { disabled: true }, options),
  );
  onPerson(command, 'enable', 'let them in again').action((name: string, options: Common) =>
    change(name, { disabled: false }, options),
  );
  onPerson(command, 'remove', 'take them off the list').action(remove);
  return command;
}

function onPeople(command: Command, name: string, about: string): Command {
  return command
    .command(name)
    .description(about)
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXIT_CODES);
}

const onPerson = (command: Command, name: string, about: string): Command =>
  onPeople(command, name, about).argument('<name>');

async function list({ data, json }: Common): Promise<void> {
  const { items } = People.parse(await askBroker(data, { method: 'GET', path: 'people' }));
  for (const item of items) say(item, json);
}

async function add(name: string, { data, json, ...options }: Common & { role: string; password: boolean }) {
  const secret = options.password ? { password: await readNewPassword(name, TERMINAL) } : {};
  const body = { name, role: options.role, ...secret };
  say(PersonItem.parse(await askBroker(data, { method: 'POST', path: 'people', body })), json);
}

async function password(name: string, options: Common): Promise<void> {
  return change(name, { password: await readNewPassword(name, TERMINAL) }, options);
}

async function change(name: string, body: object, { data, json }: Common): Promise<void> {
  say(PersonItem.parse(await askBroker(data, { method: 'PATCH', path: pathOf(name), body })), json);
}

async function remove(name: string, { data, json }: Common): Promise<void> {
  await askBroker(data, { method: 'DELETE', path: pathOf(name) });
  process.stdout.write(json ? `${JSON.stringify({ removed: name })}\n` : `removed ${name}\n`);
}

const pathOf = (name: string): string => `people/${encodeURIComponent(name)}`;

function say(item: PersonItem, json: true | undefined): void {
  const { name, role, source, disabled, hasPassword } = item;
  const facts = [
    role,
    ...(source === 'configuration' ? ['in the configuration'] : []),
    ...(disabled ? ['disabled'] : []),
    ...(hasPassword ? [] : ['by token alone']),
  ];
  process.stdout.write(json ? `${JSON.stringify(item)}\n` : `${name}  ${facts.join(', ')}\n`);
}
