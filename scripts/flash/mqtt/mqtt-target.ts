import { type ErrorCode, isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { FleetItem, MemberState, RolloutItem, RolloutMember } from '#contract/fleet.ts';
import { addressOfClientId } from '#contract/names.ts';
import {
  type BrokerFolder,
  follow,
  listBundles,
  readFleet,
  sendTo,
  uploadBundle,
} from '../../fleet/site-client.ts';
import { bytesInWords } from '../quantities.ts';
import type { SourceBundle } from '../source-bundle.ts';
import type { Progress, ReadBack, Sight, Target } from '../target.ts';

/** A bundle of 20 MB at 64 kB/s, as over a poor 4G link, takes five minutes; its trial two more. */
const PATIENCE_MS = 15 * 60_000;

const UNDER_WAY = new Set<MemberState>(['waiting', 'sending', 'installing', 'trial']);
const GOOD = new Set<MemberState>(['confirmed', 'skipped']);

/** A device over the network: the site takes the bundle, and the device fetches it piece by piece. */
export class MqttTarget implements Target {
  readonly name: string;
  readonly next: string;
  readonly #device: string;
  readonly #site: BrokerFolder;
  readonly #source: SourceBundle;
  readonly #patienceMs: number;
  /** A sending of this very bundle that is under way already. */
  #rollout: number | null = null;

  constructor(device: string, site: BrokerFolder, source: SourceBundle, patienceMs = PATIENCE_MS) {
    this.name = `mqtt:${device}`;
    this.next = 'scripts/watchpost fleet status --site DIR shows what every device runs';
    this.#device = device;
    this.#site = site;
    this.#source = source;
    this.#patienceMs = patienceMs;
  }

  /** The site keeps technicians apart: a device is in one roll-out at a time. */
  async open(): Promise<void> {
    const { device } = this.#source.manifest;
    if (device === this.#device || addressOfClientId(device)?.device === this.#device) return;
    throw new WatchpostError('WP4105', { detail: `it is for ${device}, this is ${this.#device}` });
  }

  async look(): Promise<Sight> {
    const item = await this.#item();
    const { manifest, sha256, bytes } = this.#source;
    if (isRunning(item, manifest.digest)) {
      return { what: `${saidOf(item)}, as wanted`, steps: [], risks: [], bytes: 0 };
    }
    this.#rollout =
      item.wanted?.sha256 === sha256 && UNDER_WAY.has(item.wanted.state) ? item.wanted.rollout : null;
    const isAtSite = (await listBundles(this.#site)).some((each) => each.sha256 === sha256);
    return {
      what: saidOf(item),
      steps: [
        ...(isAtSite ? [] : [`bring it to the site (${bytesInWords(bytes)}), which verifies it`]),
        this.#rollout === null
          ? 'have the device fetch, verify and try it'
          : `go on with sending ${this.#rollout}, which is under way`,
        'wait until the device has confirmed it, or gone back by itself',
      ],
      risks: item.online
        ? []
        : [`it is away since ${item.lastSeenAt ?? 'ever'}: it gets the bundle when it comes`],
      bytes,
    };
  }

  async write(progress: Progress): Promise<void> {
    const { bytes } = this.#source;
    // Half of the way is to the site, half from there.
    const bundle = await uploadBundle(this.#site, this.#source.file, (done) =>
      progress(Math.floor(done / 2)),
    );
    const id = this.#rollout ?? (await sendTo(this.#site, bundle)).id;
    const ended = await this.#follow(id, ({ members }) => {
      const sent = memberOf(members, bundle.device)?.sentBytes ?? 0;
      progress(Math.floor((bytes + sent) / 2));
    });
    this.#refuseFailed(ended);
    progress(bytes);
  }

  async readBack(): Promise<ReadBack> {
    const item = await this.#item();
    const { digest, generation } = this.#source.manifest;
    if (!isRunning(item, digest))
      throw new WatchpostError('WP4313', { detail: `${this.name} says ${saidOf(item)}` });
    return {
      sha256: null,
      from: 'device',
      how: `it has confirmed generation ${generation}, whose hash it tells`,
    };
  }

  async close(): Promise<void> {
    return;
  }

  /** Rejects with WP4350, and what the site's client says. */
  async #item(): Promise<FleetItem> {
    const item = (await readFleet(this.#site)).find(({ id }) => id === this.#source.manifest.device);
    if (item === undefined) throw new WatchpostError('WP4350', { detail: this.#source.manifest.device });
    return item;
  }

  async #follow(id: number, onChange: (item: RolloutItem) => void): Promise<RolloutItem> {
    const signal = AbortSignal.timeout(this.#patienceMs);
    try {
      return await follow(this.#site, id, { onChange, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new WatchpostError('WP4351', { detail: `${this.name}, roll-out ${id}`, cause: error });
    }
  }

  #refuseFailed({ id, members, reason }: RolloutItem): void {
    const member = memberOf(members, this.#source.manifest.device);
    if (member !== undefined && GOOD.has(member.state)) return;
    const detail = [`roll-out ${id}`, member?.state, member?.detail ?? reason].filter(
      (part) => typeof part === 'string',
    );
    throw new WatchpostError(codeOf(member), { detail: detail.join(', ') });
  }
}

const memberOf = (members: readonly RolloutMember[], device: string) =>
  members.find((member) => member.device === device);

const isRunning = ({ running }: FleetItem, digest: string): boolean =>
  running?.digest === digest && running.state === 'confirmed';

function codeOf(member: RolloutMember | undefined): ErrorCode {
  const code = member?.code ?? '';
  return isErrorCode(code) ? code : 'WP4352';
}

function saidOf({ id, running, online }: FleetItem): string {
  const runs =
    running === null
      ? 'has not said what it runs'
      : `runs generation ${running.generation}, ${running.state}`;
  return `${id}, ${online ? 'connected' : 'away'}, ${runs}`;
}
