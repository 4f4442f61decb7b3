import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { Registry } from 'prom-client';
import { Authentication } from '#broker/api/authentication.ts';
import { CommandDesk } from '#broker/api/command-desk.ts';
import { Feed } from '#broker/api/feed.ts';
import { HttpServer } from '#broker/api/http-server.ts';
import type { MqttSide } from '#broker/api/mqtt-sockets.ts';
import type { EventReader, Evidence } from '#broker/api/ports.ts';
import { TalkDesk } from '#broker/api/talk-desk.ts';
import { type AccessSettings, DEFAULT_ACCESS } from '#broker/auth/access-settings.ts';
import { ApiTokens } from '#broker/auth/api-tokens.ts';
import { LastUse } from '#broker/auth/last-use.ts';
import { LoginLimit } from '#broker/auth/login-limit.ts';
import { type ConfiguredPerson, People } from '#broker/auth/people.ts';
import { hashSecret } from '#broker/auth/secrets.ts';
import { Sessions } from '#broker/auth/sessions.ts';
import { SignIn } from '#broker/auth/sign-in.ts';
import { CommissioningDesk } from '#broker/commissioning/desk.ts';
import { Signer } from '#broker/commissioning/signer.ts';
import { TestModes } from '#broker/incidents/test-mode.ts';
import { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import type { DeviceMessenger } from '#broker/persistence/ports.ts';
import { Compactor } from '#broker/persistence/store/compactor.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { SiteFeed } from '#broker/server/site-feed.ts';
import { MapKeeper } from '#broker/site-map/map-keeper.ts';
import { readForBroker } from '#broker/site-map/map-reading.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { type EventSketch, incidentSide, ledgerEvent, type Teardown } from './desk.ts';
import { fleetParts } from './fleet-parts.ts';

export interface SentMessage {
  readonly topic: string;
  readonly message: object;
}

/** Takes what would go out over MQTT. */
export class HandMessenger implements DeviceMessenger {
  readonly connected = new Set<string>();
  readonly sent: SentMessage[] = [];
  onPublish: (sent: SentMessage) => void = () => undefined;
  onDeliver: (content: { topic: string; bytes: Buffer }) => Promise<void> = async () => undefined;

  isConnected(address: DeviceAddress): boolean {
    return this.connected.has(clientIdOf(address));
  }

  async publish(topic: string, message: object): Promise<void> {
    this.sent.push({ topic, message });
    this.onPublish({ topic, message });
  }

  async deliver(_address: DeviceAddress, topic: string, bytes: Buffer): Promise<void> {
    await this.onDeliver({ topic, bytes });
  }
}

export const TOKENS = {
  admin: 'token-of-the-admin',
  dispatcher: 'token-of-the-dispatcher',
  technician: 'token-of-the-technician',
  auditor: 'token-of-the-auditor',
  supervisor: 'token-of-the-supervisor',
} as const;
type TokenRole = keyof typeof TOKENS;

const PEOPLE: readonly ConfiguredPerson[] = [
  { name: 'Ada', role: 'admin', tokenSha256: hashSecret(TOKENS.admin) },
  { name: 'desk-1', role: 'dispatcher', tokenSha256: hashSecret(TOKENS.dispatcher) },
  { name: 'Tao', role: 'technician', tokenSha256: hashSecret(TOKENS.technician) },
  { name: 'auditor-1', role: 'auditor', tokenSha256: hashSecret(TOKENS.auditor) },
  { name: 'supervisor-1', role: 'supervisor', tokenSha256: hashSecret(TOKENS.supervisor) },
];

/** The largest packet over WebSockets; a frame may have four times that. */
export const PACKET_BYTES = 64 * 1024;
const NOWHERE: MqttSide = { accept: ({ stream }) => void stream.destroy(), refused: () => undefined };

export interface ApiSetting {
  readonly people?: readonly ConfiguredPerson[];
  readonly access?: Partial<AccessSettings>;
  /** Where WebSockets go; without, nowhere. */
  readonly mqtt?: MqttSide;
  /** The folder of the site's map, read once it is started; without, there is none. */
  readonly maps?: string;
  readonly events?: EventReader;
  readonly evidence?: ReadonlyMap<string, { mediaType: string; content: Buffer }>;
}

/** The HTTP API over a real database and a real socket; MQTT and time are in the test's hands. */
export async function apiSide(t: Teardown, setting: ApiSetting = {}) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const feed = new Feed(clock, 'run');
  const side = incidentSide({ db, clock, consoles: () => feed.consoles });
  const messenger = new HandMessenger();
  const parts = partsOf(db, clock, { ...side, onChanged: () => server.recheck() }, messenger, setting);
  const fleet = fleetParts({ ...side, ...parts, db, clock, messenger, dataDir: temporaryFolder(t) });
  const server: HttpServer = new HttpServer({
    ...{ ...side, ...parts, ...fleet, db, clock, feed, log: silentLog },
    consoleDir: temporaryFolder(t),
  });
  const url = await server.start({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    side.escalation.close();
    await server.close();
  });
  const take = (sketch: EventSketch) => db.commit(() => side.desk.onEvent(ledgerEvent(clock, sketch)));
  return { clock, db, feed, ...side, ...parts, ...fleet, messenger, server, url, take, call: caller(url) };
}

function partsOf(
  db: SiteDatabase,
  clock: ManualClock,
  { audit, devices, desk, onChanged }: ReturnType<typeof incidentSide> & { onChanged: () => void },
  messenger: HandMessenger,
  {
    people: configured = PEOPLE,
    access = {},
    events = { list: () => [] },
    evidence = new Map(),
    mqtt = NOWHERE,
    maps = '/nonexistent',
  }: ApiSetting,
) {
  const settings = { ...DEFAULT_ACCESS, ...access };
  const base = { db, clock, audit, settings, onChanged, log: silentLog };
  const lastUse = new LastUse(base);
  const people = new People({ ...base, configured });
  const tokens = new ApiTokens({ ...base, people, lastUse });
  const sessions = new Sessions({ ...base, people, tokens, lastUse });
  const signIn = new SignIn({ ...base, people, tokens, limit: new LoginLimit(clock, settings) });
  const testModes = new TestModes(db, clock);
  const state = { ready: true };
  const commands = new CommandDesk({
    ...{ db, clock, log: silentLog, audit, devices, messenger, testModes },
  });
  const enrolments = new Enrolments({ db, clock, audit });
  const reader = { find: (id: string) => evidenceOf(evidence.get(id)) };
  const news = new SiteFeed(silentLog);
  const commissioning = new CommissioningDesk({
    ...{ ...base, devices, testModes, enrolments, orders: commands, news, incidents: desk, pictures: reader },
    ...{ signer: new Signer(tmpdir()), version: '0.0.0' },
  });
  return {
    ...{ people, tokens, sessions, signIn, lastUse, settings, testModes, events, state, news, commissioning },
    authentication: new Authentication(signIn, sessions),
    commands,
    talk: new TalkDesk({ devices, messenger, commands, clock }),
    siteMap: new MapKeeper({
      ...{ folder: maps, clock, log: silentLog, read: async (folder) => readForBroker(folder) },
    }),
    evidence: reader,
    enrolments,
    compactor: new Compactor({ db, clock }),
    siteTime: { owedMs: 0 },
    metrics: new Registry(),
    readiness: { reasons: () => (state.ready ? [] : [{ code: 'WP3133' } as const]) },
    mqtt,
    packetBytes: PACKET_BYTES,
  };
}

const evidenceOf = (kept: { mediaType: string; content: Buffer } | undefined): Evidence | null =>
  kept === undefined
    ? null
    : { mediaType: kept.mediaType, bytes: kept.content.length, open: () => Readable.from([kept.content]) };

export interface Call {
  readonly method?: string;
  readonly as?: TokenRole | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
  readonly text: string;
}

/** Asks the API as somebody (the admin unless said otherwise; null: as nobody). */
function caller(url: string) {
  return async (path: string, { method, as = 'admin', body, headers = {} }: Call = {}): Promise<Answer> => {
    const answer = await fetch(path.startsWith('/') ? `${url}${path}` : `${url}/api/v1/${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(as === null ? {} : { authorization: `Bearer ${TOKENS[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : null };
  };
}
