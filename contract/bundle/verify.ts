import type { ClockQuality, WallMs } from '../clock.ts';
import { WatchpostError } from '../errors.ts';
import { isInRange } from '../version-range.ts';
import { type BundleReader, readHead } from './layout.ts';
import {
  type BundleManifest,
  type BundlePart,
  type Floor,
  isContentOf,
  manifestOf,
  refuseOlder,
} from './manifest.ts';
import type { RootDocument } from './metadata.ts';
import { checkTargets, followRoots } from './trust.ts';

/** What a bundle is judged against. */
export interface Expectations {
  /** The newest root that is trusted here. */
  readonly root: RootDocument;
  /** `{site}.{device}`; null where a bundle is looked at for whatever device it is for. */
  readonly device: string | null;
  /** Null before the first. */
  readonly floor: Floor | null;
  /** Version of the agent; null where it is not known. */
  readonly agent: string | null;
  /** With a clock that is unset, `nowMs` is the later of build time and last trusted time. */
  readonly clock: { readonly quality: ClockQuality; readonly nowMs: WallMs };
}

export interface VerifiedBundle {
  readonly manifest: BundleManifest;
  /** The newest root, to be trusted from now on. */
  readonly root: RootDocument;
  /** What would be refused with a clock that is set (WP4107). */
  readonly reports: readonly WatchpostError[];
  /** The content of a part, in pieces. */
  read(part: BundlePart): AsyncIterable<Uint8Array>;
}

/** Fewer, larger reads are no faster; it is what lies in memory at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Verifies a bundle whole: signatures, device, generation, versions of the agent, expiry, then every byte of content.
 * Nothing is read from the content before the signatures hold.
 * @throws WatchpostError WP4101–WP4112, one code a reason (docs/bundle.md)
 */
export async function verifyBundle(reader: BundleReader, expected: Expectations): Promise<VerifiedBundle> {
  const { trust, contentAt } = await readHead(reader);
  const root = followRoots(expected.root, trust.roots);
  checkTargets(root, trust.targets);
  const manifest = manifestOf(trust.targets.signed);
  refuseForOthers(manifest, expected);
  refuseOlder(manifest, expected.floor);
  refuseForOtherAgents(manifest, expected);
  const reports = expiryReports(manifest, root, expected);
  refuseOtherLength(reader, contentAt, manifest);
  const offsets = offsetsOf(manifest, contentAt);
  const read = (part: BundlePart) => piecesOf(reader, offsets.get(part.name) ?? contentAt, part.length);
  for (const part of manifest.parts) await refuseChanged(part, read(part));
  return { manifest, root, reports, read };
}

function refuseForOthers(manifest: BundleManifest, { device }: Expectations): void {
  if (device === null || manifest.device === device) return;
  throw new WatchpostError('WP4105', { detail: `it is for ${manifest.device}, this is ${device}` });
}

function refuseForOtherAgents(manifest: BundleManifest, { agent }: Expectations): void {
  if (agent !== null && !isInRange(agent, manifest.agent)) {
    throw new WatchpostError('WP4108', { detail: `it is for ${manifest.agent}, this is ${agent}` });
  }
}

/** TUF 1.0, 5.3.10 and 5.6.6: what has expired is not used; without a clock nobody knows, and it is told. */
function expiryReports(
  manifest: BundleManifest,
  root: RootDocument,
  { clock }: Expectations,
): readonly WatchpostError[] {
  const reports = [
    { what: 'the bundle', endMs: manifest.expiresMs },
    { what: `root ${root.signed.version}`, endMs: Date.parse(root.signed.expires) },
  ]
    .filter(({ endMs }) => clock.nowMs >= endMs)
    .map(({ what, endMs }) => {
      const detail = `${what} ended on ${new Date(endMs).toISOString()}`;
      return new WatchpostError('WP4107', { detail });
    });
  const [first] = reports;
  if (first !== undefined && clock.quality !== 'unset') throw first;
  return reports;
}

function refuseOtherLength(reader: BundleReader, contentAt: number, manifest: BundleManifest): void {
  const tooLong = reader.size - contentAt - manifest.contentBytes;
  if (tooLong < 0) throw new WatchpostError('WP4101', { detail: `${-tooLong} bytes are missing at its end` });
  if (tooLong > 0) throw new WatchpostError('WP4110', { detail: `${tooLong} bytes after the last part` });
}

function offsetsOf({ parts }: BundleManifest, contentAt: number): ReadonlyMap<string, number> {
  let at = contentAt;
  return new Map(
    parts.map(({ name, length }) => {
      const begin = at;
      at += length;
      return [name, begin];
    }),
  );
}

async function* piecesOf(reader: BundleReader, from: number, length: number): AsyncIterable<Uint8Array> {
  for (let done = 0; done < length; ) {
    const piece = await reader.read(from + done, Math.min(PIECE_BYTES, length - done));
    if (piece.length === 0) throw new WatchpostError('WP4101', { detail: 'it ends in a part' });
    done += piece.length;
    yield piece;
  }
}

/** @throws WatchpostError WP4109 naming the part */
export async function refuseChanged(part: BundlePart, content: AsyncIterable<Uint8Array>): Promise<void> {
  if (!(await isContentOf(part, content))) throw new WatchpostError('WP4109', { detail: part.name });
}
