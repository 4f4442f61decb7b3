import t from 'tap';
import { LAMP_PATTERNS, type Lamp, type LampPattern, type Siren } from '#agent/ports/outputs.ts';

export interface LampRig {
  readonly lamp: Lamp;
  /** What an onlooker makes out; null is dark. */
  seen(): LampPattern | null | Promise<LampPattern | null>;
}

/** What every driver of a lamp has to keep. */
export function lampConformance(driver: string, rig: () => Promise<LampRig>): void {
  t.test(`${driver}: every pattern is shown, and told apart`, async (t) => {
    const { lamp, seen } = await rig();
    await lamp.start();
    for (const pattern of LAMP_PATTERNS) {
      lamp.show(pattern);
      t.equal(await seen(), pattern);
    }
    await lamp.close();
  });

  t.test(
    `${driver}: the lamp is dark after its end, and can be closed twice and started again`,
    async (t) => {
      const { lamp, seen } = await rig();
      await lamp.start();
      lamp.show('received');
      await lamp.close();
      t.equal(await seen(), null);
      await lamp.close();
      await lamp.start();
      lamp.show('idle');
      t.equal(await seen(), 'idle');
      await lamp.close();
    },
  );
}

export interface SirenRig {
  readonly siren: Siren;
  heard(): boolean | Promise<boolean>;
}

/** What every driver of a siren has to keep. */
export function sirenConformance(driver: string, rig: () => Promise<SirenRig>): void {
  t.test(`${driver}: the siren sounds when told, and told twice is told once`, async (t) => {
    const { siren, heard } = await rig();
    await siren.start();
    t.equal(await heard(), false, 'silent at start');
    siren.set('on');
    siren.set('on');
    t.equal(await heard(), true);
    siren.set('off');
    t.equal(await heard(), false);
    await siren.close();
  });

  t.test(`${driver}: the siren is silent after its end, whatever it was told`, async (t) => {
    const { siren, heard } = await rig();
    await siren.start();
    siren.set('on');
    await siren.close();
    t.equal(await heard(), false);
    await siren.close();
    await siren.start();
    t.equal(await heard(), false, 'and a new start does not remember it');
    await siren.close();
  });
}
