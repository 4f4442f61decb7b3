import type { StepKind } from '#contract/commission/run.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { Pictures, Rehearsals } from './ports.ts';
import { door, duress, lamp, press, tamper } from './steps/contacts.ts';
import { clock, identity, type KnownCertificate, location } from './steps/facts.ts';
import { link, path, supervision } from './steps/link.ts';
import { actuator, mains, selfTest, sensor } from './steps/parts.ts';
import { picture } from './steps/picture.ts';
import { siren, sound, voice } from './steps/sound.ts';
import type { StepScript } from './walk.ts';

export interface ScriptParts {
  readonly certificateOf: (address: DeviceAddress) => KnownCertificate | null;
  readonly pictures: Pictures;
  readonly rehearsals: Rehearsals;
}

/** What each kind of step does. */
export const scriptsOf = ({
  certificateOf,
  pictures,
  rehearsals,
}: ScriptParts): Record<StepKind, StepScript> => ({
  identity: identity(certificateOf),
  clock,
  selftest: selfTest,
  press,
  lamp,
  duress,
  tamper,
  door,
  siren,
  sound,
  voice,
  picture: picture((blobId) => pictures.find(blobId) !== null),
  sensor,
  actuator,
  mains,
  path,
  link,
  supervision: supervision(rehearsals),
  location,
});
