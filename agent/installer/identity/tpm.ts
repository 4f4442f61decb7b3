import { execFile } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';

const TOOLS = '/usr/bin/tpm2_unseal';
/** The resource manager of the kernel. */
const DEVICE = '/dev/tpmrm0';
/** A TPM on SPI takes a second for a key on a curve; one that hangs keeps the link waiting, not the buttons. */
const LIMIT_MS = 20_000;
/** TPM 2.0 Library, Part 1, 27: neither moved to another TPM nor without its parent; nobody is locked out by guessing. */
const ATTRIBUTES = 'fixedtpm|fixedparent|noda|userwithauth';
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const Base64 = z.base64().min(1).max(10_000);

/** `key.sealed`: a private key under a key that only this TPM opens. A TPM itself seals 128 bytes at most, a key has 241. */
const SealedByTpm = z.strictObject({
  format: z.literal(1),
  sealedBy: z.literal('tpm2'),
  /** What tpm2_create has left. */
  publicPart: Base64,
  privatePart: Base64,
  cipher: z.literal('aes-256-gcm'),
  nonce: Base64,
  tag: Base64,
  content: Base64,
});

/** Whether this machine has a TPM and what is needed to ask it. */
export const hasTpm = (): boolean =>
  existsSync(TOOLS) && (process.env.TPM2TOOLS_TCTI !== undefined || existsSync(DEVICE));

/** Answers the text of `key.sealed`. Rejects with WP4424. */
export async function sealKey(pem: string): Promise<string> {
  const [kek, nonce] = [randomBytes(KEY_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', kek, nonce);
  const content = Buffer.concat([cipher.update(pem, 'utf8'), cipher.final()]);
  return inFolder(async (folder, run) => {
    await run('tpm2_createprimary', ['-C', 'o', '-g', 'sha256', '-G', 'ecc', '-c', 'primary.ctx']);
    const kept = ['-u', 'key.pub', '-r', 'key.priv', '-a', ATTRIBUTES, '-i', '-'];
    await run('tpm2_create', ['-C', 'primary.ctx', '-g', 'sha256', ...kept], kek);
    const part = (name: string) => readFileSync(join(folder, name)).toString('base64');
    const sealed: z.infer<typeof SealedByTpm> = {
      ...{ format: 1, sealedBy: 'tpm2', publicPart: part('key.pub'), privatePart: part('key.priv') },
      ...{ cipher: 'aes-256-gcm', nonce: nonce.toString('base64') },
      ...{ tag: cipher.getAuthTag().toString('base64'), content: content.toString('base64') },
    };
    return `${JSON.stringify(sealed, null, 2)}\n`;
  });
}

/** Answers the key, PEM. Rejects with WP4424: no TPM, another one, or a changed file. */
export async function unsealKey(file: string): Promise<Buffer> {
  const sealed = readSealed(file);
  const kek = await inFolder(async (folder, run) => {
    writeFileSync(join(folder, 'key.pub'), Buffer.from(sealed.publicPart, 'base64'));
    writeFileSync(join(folder, 'key.priv'), Buffer.from(sealed.privatePart, 'base64'));
    await run('tpm2_createprimary', ['-C', 'o', '-g', 'sha256', '-G', 'ecc', '-c', 'primary.ctx']);
    await run('tpm2_load', ['-C', 'primary.ctx', '-u', 'key.pub', '-r', 'key.priv', '-c', 'key.ctx']);
    return run('tpm2_unseal', ['-c', 'key.ctx']);
  });
  try {
    const nonce = Buffer.from(sealed.nonce, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', kek, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(sealed.content, 'base64'), decipher.final()]);
  } catch (cause) {
    throw new WatchpostError('WP4424', { detail: `${file} was changed`, cause });
  }
}

function readSealed(file: string): z.infer<typeof SealedByTpm> {
  try {
    return SealedByTpm.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4424', { detail: `${file} cannot be read`, cause });
  }
}

type Run = (tool: string, args: readonly string[], input?: Buffer) => Promise<Buffer>;

/** A folder for what the tools hand each other: nothing in it is secret without the TPM. */
async function inFolder<T>(work: (folder: string, run: Run) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-tpm-'));
  try {
    return await work(folder, async (tool, args, input) => {
      const said = await runTool({ folder, tool, args, ...(input === undefined ? {} : { input }) });
      // Without a resource manager a TPM has room for three objects (0x902); with one there is nothing to do.
      if (process.env.TPM2TOOLS_TCTI !== undefined) {
        await runTool({ folder, tool: 'tpm2_flushcontext', args: ['-t'] });
      }
      return said;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ToolRun {
  readonly folder: string;
  readonly tool: string;
  readonly args: readonly string[];
  readonly input?: Buffer;
}

function runTool({ folder, tool, args, input }: ToolRun): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, timeout: LIMIT_MS, encoding: 'buffer', maxBuffer: 65_536 } as const;
    const child = execFile(tool, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(new WatchpostError('WP4424', { detail: `${tool}: ${reasonOf(stderr, error)}`, cause: error }));
    });
    // A tool that ends before it has read: its exit code says why.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

const reasonOf = (stderr: Buffer, error: Error): string =>
  stderr.toString('utf8').trim().split('\n')[0]?.slice(0, 200) || error.message.slice(0, 200);
