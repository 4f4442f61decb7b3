import { InvalidArgumentError } from 'commander';

/** Files of Intel HEX by the name of the board. */
export type Firmware = ReadonlyMap<string, string>;

/** `BOARD=FILE`, which may be given for several boards. */
export function firmwareOption(text: string, before: Firmware): Firmware {
  const [name = '', ...file] = text.split('=');
  if (name === '' || file.join('=') === '') throw new InvalidArgumentError('Write BOARD=FILE.');
  return new Map([...before, [name, file.join('=')]]);
}
