import { createHash } from 'node:crypto';
import * as z from 'zod';
import { addressOfClientId } from '../names.ts';
import { canonicalBytes } from './canonical.ts';

/** More keys than anybody keeps; each costs a check of a signature. */
const MAX_KEYS = 16;
/** Files of a bundle: a profile, two hundred prompts in sixteen languages at most, the firmware of its boards. */
const MAX_PARTS = 4096;
/** All of a bundle's content together. */
export const MAX_CONTENT_BYTES = 256 * 1024 * 1024;

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const Version = z.int().min(1).max(2_147_483_647);
/** TUF 1.0, 4.2.1: UTC, to the second. */
const Expires = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'is no date' });
const Common = {
  /** Of TUF, not of ours. */
  spec_version: z.string().regex(/^1\.\d{1,3}(\.\d{1,3})?$/),
  version: Version,
  expires: Expires,
};

export const PublicKey = z.strictObject({
  keytype: z.literal('ed25519'),
  scheme: z.literal('ed25519'),
  keyval: z.strictObject({ public: Hex64 }),
});
export type PublicKey = z.infer<typeof PublicKey>;

/** TUF 1.0, 4.2: a key is named by the hash of itself, so that none has two names and counts twice. */
export const keyIdOf = (key: PublicKey): string =>
  createHash('sha256').update(canonicalBytes(key)).digest('hex');

const Role = z
  .strictObject({
    keyids: z.array(Hex64).min(1).max(MAX_KEYS),
    threshold: z.int().min(1).max(MAX_KEYS),
  })
  .refine(({ keyids }) => new Set(keyids).size === keyids.length, { error: 'names a key twice' })
  .refine(({ keyids, threshold }) => threshold <= keyids.length, { error: 'asks for more keys than it has' });

const RootSigned = z
  .strictObject({
    _type: z.literal('root'),
    ...Common,
    consistent_snapshot: z.literal(false),
    keys: z
      .record(Hex64, PublicKey)
      .refine((keys) => Object.keys(keys).length <= MAX_KEYS, { error: 'has too many keys' })
      .refine((keys) => Object.entries(keys).every(([id, key]) => keyIdOf(key) === id), {
        error: 'has a key under a name that is not its own',
      }),
    /** Offline there is no repository whose freshness could be asked: the last two only stand there, as TUF demands. */
    roles: z.strictObject({ root: Role, targets: Role, snapshot: Role, timestamp: Role }),
  })
  .refine(
    ({ keys, roles }) =>
      Object.values(roles).every(({ keyids }) => keyids.every((id) => Object.hasOwn(keys, id))),
    { error: 'names a key that it does not have' },
  );

const Segment = '[A-Za-z0-9][A-Za-z0-9._-]{0,79}';
const PART_NAME = new RegExp(`^(profile\\.json|voice(/${Segment}){1,3}|boards/[a-z0-9-]{1,32}\\.hex)$`);
export const PROFILE_PART = 'profile.json';

/** What a bundle is for: stands, signed, beside its profile. */
export const BundleFacts = z.strictObject({
  /** `{site}.{device}`. */
  device: z
    .string()
    .max(65)
    .refine((name) => addressOfClientId(name) !== null, { error: 'is not {site}.{device}' }),
  /**
   * The versions of the agent that it is made for, as npm writes them. Whether it is a range is looked at where a bundle
   * is made and where it is installed: a start reads these facts as well, and has no time for it.
   */
  agent: z.string().min(1).max(80),
});
export type BundleFacts = z.infer<typeof BundleFacts>;

const Target = z.strictObject({
  length: z.int().min(0).max(MAX_CONTENT_BYTES),
  hashes: z.strictObject({ sha256: Hex64 }),
  custom: BundleFacts.exactOptional(),
});

const TargetsSigned = z.strictObject({
  _type: z.literal('targets'),
  ...Common,
  targets: z
    .record(z.string().regex(PART_NAME), Target)
    .refine((targets) => Object.keys(targets).length <= MAX_PARTS, { error: 'has too many parts' })
    .refine((targets) => Object.keys(targets).every((name) => !isFolderOf(name, targets)), {
      error: 'has a part inside another',
    })
    .refine(
      (targets) =>
        Object.entries(targets).every(
          ([name, { custom }]) => (name === PROFILE_PART) === (custom !== undefined),
        ),
      { error: 'does not say at its profile what it is for' },
    )
    .refine((targets) => Object.hasOwn(targets, PROFILE_PART), { error: 'has no profile' }),
});

function isFolderOf(name: string, targets: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(targets).some((other) => other.startsWith(`${name}/`));
}

const Signatures = z
  .array(z.strictObject({ keyid: Hex64, sig: z.string().regex(/^[0-9a-f]{128}$/) }))
  .max(MAX_KEYS)
  .refine((all) => new Set(all.map(({ keyid }) => keyid)).size === all.length, {
    error: 'is signed by a key twice',
  });

/** Who may sign what, with its signatures: root metadata of TUF 1.0, 4.3, closed. */
export const RootDocument = z.strictObject({ signatures: Signatures, signed: RootSigned });
export type RootDocument = z.infer<typeof RootDocument>;

/** What a bundle is made of, with its signatures: targets metadata of TUF 1.0, 4.5, closed. `version` is the generation. */
export const TargetsDocument = z.strictObject({ signatures: Signatures, signed: TargetsSigned });
export type TargetsDocument = z.infer<typeof TargetsDocument>;
export type TargetsSigned = z.infer<typeof TargetsSigned>;
export const Manifest = TargetsSigned;
