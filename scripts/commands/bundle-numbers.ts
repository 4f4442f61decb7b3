import { InvalidArgumentError } from 'commander';

const DAY_MS = 86_400_000;

/** A whole number from 1 on, as an argument. */
export function number(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 on.');
  return Number(text);
}

export const daysFromNow = (days: number): number => Date.now() + days * DAY_MS;
