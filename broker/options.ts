import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { WatchpostError } from '#contract/errors.ts';

export interface ListenOn {
  readonly host: string;
  readonly port: number;
}

export interface BrokerOptions {
  readonly data: string;
  readonly mqtt: ListenOn | null;
  readonly mqtts: ListenOn | null;
  readonly http: ListenOn;
  readonly config: string | null;
  readonly mode: 'site' | 'dev' | 'open';
}

/** What the command line comes to: a broker to run, or an exit code, everything being said already. */
export type CommandLine =
  | { readonly kind: 'run'; readonly options: BrokerOptions }
  | { readonly kind: 'exit'; readonly code: 0 | 2 };

export interface Terminal {
  out(text: string): void;
  error(text: string): void;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** Reads the arguments after the program's name. */
export function readCommandLine(args: readonly string[], terminal: Terminal): CommandLine {
  const command = brokerCommand(terminal);
  try {
    command.parse(args, { from: 'user' });
    const options = toOptions(command);
    const mistake = findMistake(options);
    if (mistake !== null) command.error(`error: ${mistake}`, { exitCode: 2 });
    return { kind: 'run', options };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'exit', code: 0 };
    terminal.error(wrongUse(error));
    return { kind: 'exit', code: 2 };
  }
}

/** As every command says it. */
function wrongUse({ message }: CommanderError): string {
  const [said = '', ...suggested] = message.replace(/^error: /, '').split('\n');
  const { message: told } = new WatchpostError('WP5024', { detail: said.replace(/\.$/, '') });
  const hints = suggested.map((line) => line.replace(/^\((.*)\)$/, '$1'));
  return `${told}\n  → ${[...hints, 'scripts/watchpost broker --help says what is right.'].join(' ')}\n`;
}

function brokerCommand({ out, error }: Terminal): Command {
  return new Command('watchpost broker')
    .description('The site: MQTT broker, ledger of events, incidents, HTTP API and console.')
    .requiredOption('--data <dir>', 'folder of the database, evidence and admin.token; made when missing')
    .option('--mqtt <host:port>', 'plain MQTT, on a loopback address only', listenOn)
    .option('--mqtts <host:port>', 'MQTT over TLS; needs DIR/tls/server.key, server.crt and ca.crt', listenOn)
    .requiredOption('--http <host:port>', 'HTTP API and console', listenOn)
    .option('--config <file>', 'site configuration, YAML or JSON (docs/site-configuration.md)')
    .option('--dev', 'for development: everything on loopback, device names believed without certificates')
    .addOption(
      new Option('--open', 'with --dev, for outside test tools: every client may use every topic but $SYS/#'),
    )
    .addHelpText(
      'after',
      '\nLooking after a site: watchpost broker backup|restore|check|compact --help.\nExit codes: 0 stopped, 1 failed, 2 wrong use.',
    )
    .allowExcessArguments(false)
    .configureOutput({ writeOut: out, writeErr: error, outputError: () => undefined })
    .exitOverride();
}

function toOptions(command: Command): BrokerOptions {
  const given = command.opts<{
    data: string;
    mqtt?: ListenOn;
    mqtts?: ListenOn;
    http: ListenOn;
    config?: string;
    dev?: boolean;
    open?: boolean;
  }>();
  if (given.open === true && given.dev !== true) {
    command.error('error: --open is for development: use it with --dev', { exitCode: 2 });
  }
  const mode = given.open === true ? 'open' : given.dev === true ? 'dev' : 'site';
  const { data, http, mqtt = null, mqtts = null, config = null } = given;
  return { data, http, mqtt, mqtts, config, mode };
}

function findMistake({ mqtt, mqtts, http, mode }: BrokerOptions): string | null {
  if (mqtt === null && mqtts === null) return 'give --mqtt HOST:PORT, --mqtts HOST:PORT, or both';
  if (mqtt !== null && !isLoopback(mqtt.host)) {
    return `--mqtt ${mqtt.host}: plain MQTT is for loopback (127.0.0.1); use --mqtts for other addresses`;
  }
  if (mode !== 'site' && !isLoopback(http.host)) {
    return `--http ${http.host}: --dev is for loopback (127.0.0.1) only`;
  }
  if (mode !== 'site' && mqtts !== null && !isLoopback(mqtts.host)) {
    return `--mqtts ${mqtts.host}: --dev is for loopback (127.0.0.1) only`;
  }
  return null;
}

/** `127.0.0.1:1883`, `[::1]:1883` or `localhost:0`. */
function listenOn(text: string): ListenOn {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new InvalidArgumentError('Use HOST:PORT, for example 127.0.0.1:1883.');
}
