import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { openCharacterLine, openOutputLine } from '#agent/drivers/gpio/character-line.ts';
import { GpioContact } from '#agent/drivers/gpio/contact.ts';
import { openInput } from '#agent/drivers/gpio/open-input.ts';
import type { LineListener, OpenLineFunction } from '#agent/drivers/gpio/open-line.ts';
import { GpioOutput } from '#agent/drivers/gpio/output.ts';
import { GpioSiren } from '#agent/drivers/gpio/siren.ts';
import { sysfsNumber } from '#agent/drivers/gpio/sysfs.ts';
import type { ContactEdge } from '#agent/ports/inputs.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { loadAddon } from '#contract/native-addon.ts';

/**
 * Runs in the guest: the driver as the agent has it, told what to do by lines on standard input. Each is answered by one
 * line `=> JSON` on standard output.
 */
const CHIP = '9030000.pl061';
const clock = new SystemDeviceClock({
  clock: systemClock,
  bootId: 'guest',
  source: { wallMs: () => Date.now(), isSynced: () => true },
});

interface Wanted {
  readonly activeLow: boolean;
  readonly debounceMs: number;
}

/** The character device alone. */
const byCharacter =
  (line: number, wanted: Wanted): OpenLineFunction =>
  async (listener) =>
    openCharacterLine(loadAddon(), { chip: CHIP, line, ...wanted }, listener);

/** As a profile has it that allows sysfs. */
const asConfigured =
  (line: number, wanted: Wanted): OpenLineFunction =>
  (listener) =>
    openInput({ driver: 'gpio', chip: CHIP, line, ...wanted, fallback: 'sysfs' }, clock, listener);

/** What the kernel told of one line, before the contact makes anything of it. */
class Watched {
  readonly raw: ContactEdge[] = [];
  readonly told: ContactEdge[] = [];
  readonly lateMs: number[] = [];
  readonly contact: GpioContact;
  #onEdge = () => undefined;

  constructor(line: number, open: OpenLineFunction) {
    this.contact = new GpioContact({
      name: `line-${line}`,
      kind: 'button',
      clock,
      open: (listener) => open(this.#noting(listener)),
    });
  }

  #noting(listener: LineListener): LineListener {
    return {
      edge: (edge) => {
        this.raw.push(edge);
        this.lateMs.push(clock.sinceBootMs() - edge.atMonoMs);
        listener.edge(edge);
      },
      gone: (cause) => listener.gone(cause),
    };
  }

  async start(): Promise<boolean> {
    return await this.contact.start({
      edge: (edge) => {
        this.told.push(edge);
        this.#onEdge();
      },
      lost: (error) => answer({ lost: error.code }),
      back: () => undefined,
    });
  }

  /** Waits until as many edges were told, then says what they were and forgets them. */
  async until(count: number): Promise<object> {
    while (this.told.length < count) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#onEdge = () => {
        resolve(undefined);
        return undefined;
      };
      await promise;
    }
    const late = this.lateMs.splice(0).sort((a, b) => a - b);
    const edges = this.raw.splice(0).map(({ active, atMonoMs, edges }) => [Number(active), atMonoMs, edges]);
    const told = this.told.splice(0).length;
    return { told, edges, lateMs: { min: late[0], p50: late[late.length >> 1], max: late.at(-1) } };
  }
}

function answer(value: unknown): void {
  process.stdout.write(`=> ${JSON.stringify(value)}\n`);
}

/** What opening a line answers that cannot be had. */
function refusal(chip: string, line: number): object {
  const wanted = { chip, line, activeLow: false, debounceMs: 0 };
  try {
    openCharacterLine(loadAddon(), wanted, { edge: () => undefined, gone: () => undefined }).close();
    return { code: null };
  } catch (error) {
    if (error instanceof WatchpostError) return { code: error.code, detail: error.detail };
    throw error;
  }
}

const watched = new Map<number, Watched>();
const sirens = new Map<number, GpioSiren>();

async function startSiren(line: number, { activeLow }: { activeLow: boolean }): Promise<void> {
  const output = new GpioOutput({
    name: 'siren',
    clock,
    open: async () => openOutputLine(loadAddon(), { chip: CHIP, line, activeLow }),
    onHealth: (part, health) => answer({ part, health }),
  });
  const siren = new GpioSiren({ output });
  sirens.set(line, siren);
  await siren.start();
}

const wantedOf = ([, activeLow = '0', debounceMs = '0']: readonly string[]): Wanted => ({
  activeLow: activeLow === '1',
  debounceMs: Number(debounceMs),
});

async function watch(line: number, open: OpenLineFunction): Promise<object> {
  const made = new Watched(line, open);
  watched.set(line, made);
  return { active: await made.start(), node: process.version, arch: process.arch };
}

async function obey(order: string, args: readonly string[]): Promise<unknown> {
  const line = Number(args[0]);
  switch (order) {
    case 'watch':
      return await watch(line, byCharacter(line, wantedOf(args)));
    case 'fallback':
      return await watch(line, asConfigured(line, wantedOf(args)));
    case 'until':
      return await watched.get(line)?.until(Number(args[1]));
    case 'close':
      await watched.get(line)?.contact.close();
      return {};
    case 'siren':
      await startSiren(line, { activeLow: args[1] === '1' });
      return {};
    case 'on':
    case 'off':
      sirens.get(line)?.set(order);
      return {};
    case 'silence':
      await sirens.get(line)?.close();
      return {};
    case 'refusal':
      return refusal(args[0] ?? '', Number(args[1]));
    case 'sysfs':
      return { number: sysfsNumber(CHIP, line) };
    default:
      return { unknown: order };
  }
}

function failure(error: unknown): object {
  return error instanceof WatchpostError
    ? { code: error.code, detail: error.detail }
    : { failed: String(error) };
}

const orders = createInterface({ input: process.stdin });
orders.on('line', (text) => {
  const [order = '', ...args] = text.trim().split(' ');
  void obey(order, args).then(answer, (error: unknown) => answer(failure(error)));
});
answer({ ready: true });
await once(orders, 'close');
