import { appendFileSync, copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { installBundle } from '#agent/installer/install-bundle.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { CARD } from '#contract/device-card.ts';
import { Child } from '#scripts/site/child.ts';
import { AGENT_ENV, nodeFlags, ROOT, SITE_ID } from '#scripts/site/demo-site.ts';
import { makeCard, type TestCard } from '#test/agent/installer/card-kit.ts';
import type { TestSite } from '#test/support/site.ts';

export const DEVICE = 'pillar-001';

export const PROFILE = resolveProfile({
  file: join(ROOT, 'test/fault/profiles/eight-buttons.yaml'),
  device: DEVICE,
  drivers: DRIVER_SCHEMAS,
}).profile;

/** A device that runs from a card, as a process of its own. */
export class CardDevice {
  readonly card: TestCard;
  readonly process: Child;

  static async at(
    t: Test,
    site: TestSite,
    env: Readonly<Record<string, string>> = {},
    { name = DEVICE, port = site.mqttPort }: { readonly name?: string; readonly port?: number } = {},
  ): Promise<CardDevice> {
    const device = `${SITE_ID}.${name}`;
    const card = await makeCard(t, { device, brokers: [`mqtt://127.0.0.1:${port}`] });
    symlinkSync(join(card.dir, CARD.data), site.folder(name));
    const made = new CardDevice(card, site, { name, env });
    t.teardown(() => made.process.kill());
    return made;
  }

  private constructor(
    card: TestCard,
    site: TestSite,
    { name, env }: { readonly name: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.card = card;
    this.process = new Child({
      name,
      logFile: join(site.dir, `${name}.log`),
      args: [...nodeFlags('agent'), join(ROOT, 'agent/main.ts'), '--card', card.dir],
      env: { ...AGENT_ENV, WATCHPOST_INBOX_S: '1', ...env },
    });
  }

  /** A signed bundle with this profile; answers its path. */
  bundle(
    generation: number,
    profile: Partial<DeviceProfile> = {},
    more: ReadonlyMap<string, Buffer> = new Map(),
  ): string {
    const text = JSON.stringify({ ...PROFILE, description: `generation ${generation}`, ...profile });
    return this.card.bundle(generation, { content: new Map([['profile.json', Buffer.from(text)], ...more]) });
  }

  /** As somebody who flashes the card while it is not in the device. */
  async flash(file: string): Promise<void> {
    const clock = { quality: 'synced', nowMs: Date.now() } as const;
    await installBundle(this.card.dir, file, { agent: null, clock, who: 'a test' });
  }

  /** Into the inbox under this name. */
  drop(file: string, name: string): void {
    copyFileSync(file, join(this.card.dir, CARD.inbox, name));
  }

  start(): Promise<unknown> {
    return this.process.start(() => undefined);
  }
}

/** Another byte in a file of a slot. */
export function damage(card: TestCard, slot: 'a' | 'b', name: string): void {
  appendFileSync(join(card.dir, CARD.slots, slot, 'content', name), ' ');
}
