import type { Readable, Writable } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';

/** Where a secret comes from: a terminal, which is made to show nothing of it, or a pipe, of which one line is read. */
export interface SecretSource {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  /** Prompts go here; standard output stays for results. */
  readonly output: Writable;
}

const ENTER = new Set(['\r', '\n']);
const BACKSPACE = new Set(['\b', '\x7f']);
const END_OF_INPUT = '\x04';
const INTERRUPT = '\x03';
const MAX_LENGTH = 1000;

/**
 * A new password: asked for twice on a terminal, the first line of a pipe otherwise; never from arguments, which
 * everybody on the machine can read. Rejects with WP5035 (none) or WP5036 (the two differ).
 */
export async function readNewPassword(name: string, source: SecretSource): Promise<string> {
  const first = await readSecret(`Password for ${name}: `, source);
  if (first === '') throw new WatchpostError('WP5035');
  if (source.input.isTTY === true && (await readSecret('Once more: ', source)) !== first) {
    throw new WatchpostError('WP5036');
  }
  return first;
}

/** A secret that exists: asked for once. Rejects with WP5035 where there is none. */
export async function readSecretLine(prompt: string, source: SecretSource): Promise<string> {
  const secret = await readSecret(prompt, source);
  if (secret === '') throw new WatchpostError('WP5035');
  return secret;
}

async function readSecret(prompt: string, { input, output }: SecretSource): Promise<string> {
  if (input.isTTY !== true) return readLine(input);
  // Before it is asked for: what is typed at once must not be shown, either.
  input.setRawMode?.(true);
  try {
    output.write(prompt);
    return await readLine(input);
  } finally {
    input.setRawMode?.(false);
    output.write('\n');
  }
}

/** Leaves the stream as it was for who reads the next line. */
function readLine(input: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const line = new TypedLine();
    const done = (outcome: () => void) => {
      input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
      outcome();
    };
    const onEnd = () => done(() => resolve(line.text));
    const onData = (chunk: Buffer | string) => {
      const typed = [...chunk.toString()];
      for (const [at, key] of typed.entries()) {
        const state = line.press(key);
        if (state === 'typing') continue;
        const rest = typed.slice(at + 1).join('');
        done(() => {
          if (rest !== '') input.unshift(Buffer.from(rest));
          if (state === 'entered') resolve(line.text);
          else reject(new WatchpostError('WP5035'));
        });
        return;
      }
    };
    input.on('data', onData).on('end', onEnd).on('error', onEnd).resume();
  });
}

/** What has been typed so far, with its corrections. */
class TypedLine {
  #keys: string[] = [];

  get text(): string {
    return this.#keys.join('');
  }

  press(key: string): 'typing' | 'entered' | 'given-up' {
    if (ENTER.has(key) || key === END_OF_INPUT) return 'entered';
    if (key === INTERRUPT || this.#keys.length > MAX_LENGTH) return 'given-up';
    if (BACKSPACE.has(key)) this.#keys.pop();
    else this.#keys.push(key);
    return 'typing';
  }
}
