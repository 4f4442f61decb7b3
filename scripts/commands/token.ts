import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { PERMISSIONS, type Permission } from '#broker/auth/roles.ts';
import { NewTokenItem, TokenItem } from '#contract/http.ts';
import { askBroker } from '../care/site-client.ts';

interface Common {
  readonly data: string;
  readonly json?: true;
}

const Tokens = z.object({ items: z.array(TokenItem), next: z.string().nullable() });
const EXIT_CODES = '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.';

/** `watchpost token …`: API tokens of a running site, as its admin. */
export function tokenCommand(): Command {
  const command = new Command('token').description('make and revoke tokens for programs of a running site');
  onTokens(command, 'list', 'all tokens, newest first; never a secret').action(list);
  onTokens(command, 'create', 'make one; its secret is printed this once')
    .requiredOption('--person <name>', 'whose it is: it may no more than they')
    .requiredOption('--label <words>', 'what it is for')
    .requiredOption('--scope <scopes>', `some of ${PERMISSIONS.join(',')}`, scopesOf)
    .option('--days <n>', 'how long it lives', Number)
    .action(create);
  onTokens(command, 'revoke', 'end one at once').argument('<id>').action(revoke);
  return command;
}

function onTokens(command: Command, name: string, about: string): Command {
  return command
    .command(name)
    .description(about)
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXIT_CODES);
}

async function list({ data, json }: Common): Promise<void> {
  for (let after = ''; ; ) {
    const path = `tokens?limit=1000${after}`;
    const { items, next } = Tokens.parse(await askBroker(data, { method: 'GET', path }));
    for (const item of items) say(item, json);
    if (next === null) return;
    after = `&after=${next}`;
  }
}

async function create({
  data,
  json,
  ...options
}: Common & { person: string; label: string; scope: Permission[]; days?: number }): Promise<void> {
  const { person, label, scope: scopes, days } = options;
  const body = { person, label, scopes, ...(days === undefined ? {} : { expiresInDays: days }) };
  const made = NewTokenItem.parse(await askBroker(data, { method: 'POST', path: 'tokens', body }));
  // The secret alone, so that it can be piped to where it is needed.
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${made.token}\n`);
}

async function revoke(id: string, { data, json }: Common): Promise<void> {
  await askBroker(data, { method: 'DELETE', path: `tokens/${encodeURIComponent(id)}` });
  process.stdout.write(json ? `${JSON.stringify({ revoked: id })}\n` : `revoked ${id}\n`);
}

function scopesOf(text: string): Permission[] {
  return text.split(',').map((given) => {
    const scope = PERMISSIONS.find((permission) => permission === given.trim());
    if (scope === undefined) throw new InvalidArgumentError(`Use some of ${PERMISSIONS.join(',')}.`);
    return scope;
  });
}

function say(item: TokenItem, json: true | undefined): void {
  const { id, person, label, scopes, expiresAt, lastUsedAt, expired } = item;
  const use = lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`;
  const end = `${expired ? 'expired' : 'until'} ${expiresAt}`;
  process.stdout.write(
    json ? `${JSON.stringify(item)}\n` : `${id}  ${person}  ${label}  ${scopes.join(',')}  ${end}, ${use}\n`,
  );
}
