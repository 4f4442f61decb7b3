import type { KnownDevice } from '#broker/incidents/ports.ts';
import type { Step, StepKind } from '#contract/commission/run.ts';
import type { DeviceState } from '#contract/messages.ts';

/** By what the site knows of the device: what is to be looked at, in the order in which it disturbs least. */
export function planSteps({ state }: KnownDevice): Step[] {
  const parts = state?.parts;
  const mains = parts?.sensors.filter(isSupply) ?? [];
  return [
    step('identity'),
    step('clock'),
    step('selftest'),
    // The lamp shows what it can while the press before it is open.
    ...inputs(parts, 'button').flatMap((name, at) =>
      at === 0 ? [step('press', name), step('lamp')] : [step('press', name)],
    ),
    ...inputs(parts, 'duress').map((name) => step('duress', name)),
    ...inputs(parts, 'tamper').map((name) => step('tamper', name)),
    ...inputs(parts, 'door').map((name) => step('door', name)),
    ...(parts?.siren === true ? [step('siren')] : []),
    ...(parts?.microphone === true ? [step('sound')] : []),
    ...(parts?.languages ?? []).map((language) => step('voice', language)),
    ...(parts?.camera == null ? [] : [step('picture', parts.camera.name)]),
    ...(parts?.sensors ?? []).map((name) => step('sensor', name)),
    ...Object.keys(parts?.actuators ?? {}).map((name) => step('actuator', name)),
    ...mains.slice(0, 1).map((name) => step('mains', name)),
    step('path'),
    // Something has to be raised while there is no link.
    ...(inputs(parts, 'button').length === 0 ? [] : [step('link')]),
    step('supervision'),
    step('location'),
  ];
}

/** Names that profiles give to what measures the supply. */
const isSupply = (name: string): boolean => /^(battery|mains|supply|power)/.test(name);

const inputs = (parts: DeviceState['parts'], kind: string): string[] =>
  Object.entries(parts?.inputs ?? {}).flatMap(([name, of]) => (of === kind ? [name] : []));

const step = (kind: StepKind, subject: string | null = null): Step => ({
  ...{ id: subject === null ? kind : `${kind}:${subject}`, kind, subject, state: 'open', attempts: 0 },
  ...{ prompt: null, measured: [], facts: [], events: [], pictures: [], code: null, detail: null },
  ...{ reason: null, by: null, at: null },
});
