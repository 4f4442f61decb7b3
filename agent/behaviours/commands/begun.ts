import * as z from 'zod';
import { Command } from '#contract/messages.ts';
import type { Memory } from '../../ports/memory.ts';

const KEY = 'commands.begun';
const Begun = z.array(Command.pick({ id: true, name: true }));
export type BegunCommand = z.infer<typeof Begun>[number];

/** The commands that were begun and have no outcome yet, kept over a restart. */
export class BegunCommands {
  readonly #memory: Memory;
  readonly #begun = new Map<string, BegunCommand>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Those that a restart broke off. */
  recall(): readonly BegunCommand[] {
    const parsed = Begun.safeParse(this.#memory.get(KEY));
    for (const command of parsed.data ?? []) this.#begun.set(command.id, command);
    return [...this.#begun.values()];
  }

  add({ id, name }: BegunCommand): void {
    this.#begun.set(id, { id, name });
    this.#keep();
  }

  delete(id: string): void {
    if (this.#begun.delete(id)) this.#keep();
  }

  #keep(): void {
    this.#memory.set(KEY, [...this.#begun.values()]);
  }
}
