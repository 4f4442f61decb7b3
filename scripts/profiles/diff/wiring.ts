import * as z from 'zod';

const Choice = z.looseObject({ driver: z.string() });

type Keys = Readonly<Record<string, unknown>>;

/** What the keys of a driver come to, and which of them that says. */
const MAIN: Readonly<Record<string, (keys: Keys) => [string, string[]]>> = {
  gpio: ({ chip, line }) => [`line ${line} of ${chip}`, ['chip', 'line']],
  firmata: ({ board, pin, port }) =>
    board === undefined
      ? [`a board at ${port}`, ['port']]
      : [`pin ${pin} of board ${board}`, ['board', 'pin']],
  gstreamer: ({ source }) => [String(source), ['source']],
};

/** What a part hangs on, in words: `line 17 of pinctrl-bcm2711`, `pin 4 of board post`, `hwmon (device sht3x, …)`. */
export function spokenWiring(choice: unknown): string {
  const { driver, ...keys } = Choice.parse(choice);
  const [main, used] = (Object.hasOwn(MAIN, driver) ? MAIN[driver]?.(keys) : undefined) ?? [driver, []];
  const rest = Object.entries(keys)
    .filter(([key]) => !used.includes(key))
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return rest.length === 0 ? main : `${main} (${rest.join(', ')})`;
}

/** `hangs on …`, or `is simulated`. */
export function hangsOn(choice: unknown): string {
  return Choice.parse(choice).driver === 'sim' ? 'is simulated' : `hangs on ${spokenWiring(choice)}`;
}

export function hungOn(choice: unknown): string {
  return Choice.parse(choice).driver === 'sim' ? 'simulated' : `on ${spokenWiring(choice)}`;
}
