import { InvalidArgumentError } from 'commander';

/** A telephone number to call in need, as an option takes it. */
export function digits(value: string): string {
  if (!/^\d{2,8}$/.test(value)) throw new InvalidArgumentError('Give 2 to 8 digits.');
  return value;
}
