import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { systemClock, wait } from '#contract/clock.ts';
import { Child } from '../site/child.ts';
import { agentChild, brokerChild, DEMO_DEVICES, DEMO_SITE_FILE, ROOT } from '../site/demo-site.ts';
import { renderVoice } from '../voice/render.ts';
import { median, rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { type Memory, memoryOf } from './process-figures.ts';

export interface AgentBench {
  readonly starts: number;
  /** Milliseconds from exec to the ready line: a press would be recorded. */
  readonly armedMs: number;
  readonly armedTargetMs: number;
  /** Memory after some seconds of quiet. */
  readonly agent: Memory;
  readonly emptyNode: Memory;
  /** Agent over empty Node, by what is resident. */
  readonly ratio: number;
  readonly target: number;
}

export const AGENT_TARGET = 2;
const ARMED_TARGET_MS = 1000;
const DEVICE = 'pillar-001';
/** A process that does nothing, kept alive. */
const EMPTY = 'setInterval(() => undefined, 60000); console.log(JSON.stringify({ ready: true }));';

/** The pillar's agent without vision, connected to a real broker, beside a Node process that does nothing. */
export function benchAgent({ starts, idleS }: { starts: number; idleS: number }): Promise<AgentBench> {
  return inBenchFolder(async (dir) => {
    await prepare(join(dir, DEVICE));
    const broker = brokerChild({ dataDir: dir, mqttPort: 0, httpPort: 0 });
    try {
      const { mqtt } = await broker.start(() => undefined);
      const mqttPort = Number(new URL(String(mqtt)).port);
      const agent = () => agentChild({ dataDir: dir, mqttPort, httpPort: 0 }, DEVICE);
      const empty = () => new Child({ name: 'empty', args: ['-e', EMPTY], logFile: join(dir, 'empty.log') });
      await observed(agent(), 0); // Fills the compile cache, as set-up does.
      const runs: { agent: Run; empty: Run }[] = [];
      for (let n = 0; n < starts; n += 1) {
        runs.push({ agent: await observed(agent(), idleS), empty: await observed(empty(), idleS) });
      }
      return summary(runs);
    } finally {
      await broker.stop();
    }
  });
}

interface Run extends Memory {
  readonly readyMs: number;
}

async function observed(child: Child, idleS: number): Promise<Run> {
  const beganMs = performance.now();
  try {
    await child.start(() => undefined);
    const readyMs = performance.now() - beganMs;
    await wait(systemClock, idleS * 1000);
    return { readyMs, ...memoryOf(child.pid ?? 0) };
  } finally {
    await child.stop();
  }
}

function summary(runs: readonly { agent: Run; empty: Run }[]): AgentBench {
  const of = (which: 'agent' | 'empty'): Memory => ({
    residentMiB: rounded(median(runs.map((run) => run[which].residentMiB)), 1),
    pssMiB: rounded(median(runs.map((run) => run[which].pssMiB)), 1),
  });
  const [agent, emptyNode] = [of('agent'), of('empty')];
  return {
    starts: runs.length,
    armedMs: Math.round(median(runs.map((run) => run.agent.readyMs))),
    armedTargetMs: ARMED_TARGET_MS,
    agent,
    emptyNode,
    ratio: rounded(agent.residentMiB / emptyNode.residentMiB),
    target: AGENT_TARGET,
  };
}

/** What `prepare` leaves in a device's folder, but for the camera. */
async function prepare(dataDir: string): Promise<void> {
  const { profile } = resolveProfile({
    file: join(ROOT, DEMO_DEVICES[DEVICE]),
    siteFile: join(ROOT, DEMO_SITE_FILE),
    device: DEVICE,
    drivers: DRIVER_SCHEMAS,
  });
  const { camera: _, ...rest } = profile;
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'profile.json'), JSON.stringify(rest));
  await renderVoice({ dir: join(dataDir, 'voice'), languages: ['en'] });
}
