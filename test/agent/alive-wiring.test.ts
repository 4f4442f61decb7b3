import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Agent } from '#agent/agent.ts';
import { PanicBehaviour } from '#agent/behaviours/panic/runner.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import { Outbox } from '#agent/core/outbox/outbox.ts';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { loadDrivers } from '#agent/driver-loading.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { safeProfile } from '#agent/profile/safe-profile.ts';
import { PreparedFolder } from '#agent/start-profile.ts';
import { type BegunRun, beginRun } from '#agent/start-run.ts';
import { ServiceManager } from '#contract/service-manager.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const WATCHED = join(ROOT, 'test/fault/profiles/watched.yaml');
const resolved = resolveProfile({ file: WATCHED, device: 'p', drivers: DRIVER_SCHEMAS });
/** Without the camera: vision would be a process of its own. */
const profile = safeProfile(resolved.profile);

/** A real agent without a broker, and every word that it says to its service manager. */
class Overseen {
  readonly agent: Agent;
  readonly words: string[] = [];
  readonly missing: string[] = [];
  #heard: () => void = () => undefined;

  static async start(t: Test): Promise<Overseen> {
    const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-alive-'));
    writeFileSync(join(dataDir, 'profile.json'), JSON.stringify(profile));
    const run = await beginRun({ dataDir, source: new PreparedFolder(dataDir), log: silentLog });
    const overseen = new Overseen(dataDir, await loadDrivers(profile), run);
    t.teardown(async () => {
      await overseen.agent.close();
      rmSync(dataDir, { recursive: true, force: true });
    });
    await overseen.agent.start();
    return overseen;
  }

  constructor(dataDir: string, drivers: Awaited<ReturnType<typeof loadDrivers>>, { start, notes }: BegunRun) {
    const log = {
      ...silentLog,
      error: (fields: object) => {
        if ('sign' in fields) this.missing.push(String(fields.sign));
        this.#heard();
      },
    };
    const notify = (_path: string, message: string) => {
      this.words.push(message);
      this.#heard();
    };
    const manager = new ServiceManager({ socket: '@', watchdogMs: 100, notify, log });
    this.agent = new Agent({
      settings: {
        address: { site: 'demo', device: 'p' },
        ...{ dataDir, brokers: ['mqtt://127.0.0.1:1'], identityDir: null },
      },
      ...{ profile, log, drivers },
      run: { start, notes, manager, restart: () => undefined },
    });
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = () => {
        if (isSo()) resolve();
      };
      this.#heard();
    });
  }
}

for (const [sign, prototype] of [
  ['journal', Journal.prototype],
  ['panic', PanicBehaviour.prototype],
  ['outbox', Outbox.prototype],
] as const) {
  t.test(`an agent whose ${sign} does not answer no longer says that it is alive`, async (t) => {
    const overseen = await Overseen.start(t);
    await overseen.until(() => overseen.words.length > 2);
    const works = prototype.probe;
    t.teardown(() => {
      prototype.probe = works;
    });
    prototype.probe = () => {
      throw new TypeError('stuck');
    };
    await overseen.until(() => overseen.missing.includes(sign));
    const said = overseen.words.length;
    prototype.probe = works;
    await overseen.until(() => overseen.words.length > said);
    t.strictSame(overseen.missing, [sign], 'and says so again when it does');
    t.ok(overseen.words.every((word) => word === 'WATCHDOG=1'));
  });
}
