import * as z from 'zod';

/** What may be asked of every device, in the order of `guidance.menu`. Each is the key of the prompt that answers it. */
export const FIXED_TOPICS = ['guidance.howto', 'guidance.child', 'guidance.first-aid'] as const;

/** What is told to call where the profile names no number: the police in China. */
export const DEFAULT_EMERGENCY_NUMBER = '110';

export const LanguageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);

const SpokenName = z.union([
  z.string().min(1).max(80),
  z.strictObject({ text: z.string().min(1).max(80), speech: z.string().min(1).max(240) }),
]);

/** A place that visitors ask for. It is spoken as the prompt `place.ID` (docs/voice.md). */
export const GuidedPlace = z.strictObject({
  id: Id,
  /** By language; `speech` where the engine needs other letters than people read. */
  name: z.record(z.string(), SpokenName),
  /** As seen by somebody who stands before the device and faces it. */
  direction: z.enum(['ahead', 'left', 'right', 'behind']),
  distanceM: z.number().min(5).max(1000).optional(),
});
export type GuidedPlace = z.infer<typeof GuidedPlace>;

const SpokenAnswer = z.union([
  z.string().min(1).max(400),
  z.strictObject({ text: z.string().min(1).max(400), speech: z.string().min(1).max(1200) }),
]);

/** A question that the site answers itself. It is spoken as the prompt `answer.ID` (docs/guidance.md). */
export const SiteAnswer = z.strictObject({
  id: Id,
  /** What a visitor asks for, by language: the words on the page's button. */
  title: z.record(z.string(), z.string().min(1).max(60)),
  /** By language; `speech` where the engine needs other letters than people read. */
  text: z.record(z.string(), SpokenAnswer),
});
export type SiteAnswer = z.infer<typeof SiteAnswer>;

const eachOnce = (entries: readonly { readonly id: string }[]): boolean =>
  new Set(entries.map(({ id }) => id)).size === entries.length;

/** What visitors are told, in which languages, and by which buttons they ask (docs/guidance.md). */
export const Guidance = z.strictObject({
  /** Spoken on request besides `languages`: an alarm is not told in these, which would take too long. */
  languages: z.array(LanguageTag).max(16).default([]),
  places: z.array(GuidedPlace).max(50).refine(eachOnce, 'has an id twice').default([]),
  answers: z.array(SiteAnswer).max(20).refine(eachOnce, 'has an id twice').default([]),
  /** Inputs of kind `guidance`. With one of them alone, that one does both. */
  buttons: z.strictObject({ language: z.string().optional(), topic: z.string().optional() }).optional(),
  /** A visitor who does nothing for this long after the last word has gone. */
  idleS: z.number().min(30).max(600).default(45),
});
export type Guidance = z.infer<typeof Guidance>;

/** The page for a touch screen, on loopback. */
export const KioskSettings = z.strictObject({
  /** 0: one that is free; the address stands in `kiosk.url` in the device's folder. */
  port: z.int().min(0).max(65_535).default(8090),
});
export type KioskSettings = z.infer<typeof KioskSettings>;
