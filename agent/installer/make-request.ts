import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRequest, newKey } from './identity/key-request.ts';
import { sealKey } from './identity/tpm.ts';

/**
 * A program of its own, for what the library of certificates takes of memory: makes a key in a folder and prints the
 * request for its certificate (PEM). `make-request.ts FOLDER {site}.{device} file|tpm`: where the key is to lie.
 */
async function main([folder = '', name = '', place = '']: readonly string[]): Promise<void> {
  const key = newKey();
  const [file, content] = place === 'tpm' ? ['key.sealed', await sealKey(key)] : ['key.pem', key];
  writeSecret(join(folder, file), content);
  process.stdout.write(await makeRequest(key, name));
}

function writeSecret(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

if (import.meta.main) await main(process.argv.slice(2));
