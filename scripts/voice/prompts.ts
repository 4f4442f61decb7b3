/**
 * Every prompt that is the same wherever a device stands, in the order an alarm runs through them; after those, what a
 * visitor hears.
 */
export const PROMPT_KEYS = [
  'alarm.pressed',
  'alarm.stored',
  'alarm.unstored',
  'alarm.sent',
  'alarm.received',
  'alarm.acknowledged',
  'alarm.attending',
  'alarm.closed',
  'alarm.stuck',
  'alarm.bypassed',
  'test.begin',
  'test.end',
  'guidance.howto',
  'guidance.language',
  'guidance.menu',
  'guidance.child',
  'guidance.first-aid',
  'object.left',
  'robot.passing',
  'robot.stopped',
] as const;
export type PromptKey = (typeof PROMPT_KEYS)[number];

/** What the way to a place of the site is put together from: one direction, and the distance where it is known. */
export const WAY_KEYS = ['way.ahead', 'way.left', 'way.right', 'way.behind', 'way.distance'] as const;

/** What a catalogue is to have. It has no other. */
export const CATALOGUE_KEYS = [...PROMPT_KEYS, ...WAY_KEYS] as const;
export type CatalogueKey = (typeof CATALOGUE_KEYS)[number];

/** What fills `{{emergencyNumber}}`: as written in a text, digit by digit in speech, where it may also be called …Spoken. */
const EVERYWHERE = ['emergencyNumber', 'emergencyNumberSpoken'];

/** The same for `{{medicalNumber}}`. */
const FIRST_AID = [...EVERYWHERE, 'medicalNumber', 'medicalNumberSpoken'];

/** The placeholders that the words of a key may name. */
export function placeholdersOf(key: string): readonly string[] {
  if (key === 'way.distance') return ['count'];
  if (key === 'guidance.first-aid') return FIRST_AID;
  return key.startsWith('way.') ? ['place'] : EVERYWHERE;
}
