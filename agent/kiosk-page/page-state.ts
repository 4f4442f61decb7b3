import type { KioskView } from '#agent/ports/kiosk.ts';

/** What the page shows: the newest view, when it came, and whether it can be believed. */
export interface PageState {
  readonly view: KioskView | null;
  /** By the page's own clock. */
  readonly cameMs: number;
  readonly line: 'up' | 'down';
  /** To call, as the page itself was served with it. */
  readonly emergencyNumber: string;
}

export const initialPage: PageState = { view: null, cameMs: 0, line: 'up', emergencyNumber: '' };

/** A visitor is warned so long before the page begins anew (WCAG 2.2, 2.2.1: at least 20 seconds to ask for more). */
export const WARNED_S = 20;

/** Whole seconds until the page begins anew, or null while there is no need to say so. */
export function secondsLeft({ view, cameMs, line }: PageState, nowMs: number): number | null {
  if (view === null || view.idleInMs === null || view.alarm !== null || line === 'down') return null;
  // A language that is only named by a button is not a visit yet.
  if (view.step === 'language') return null;
  const leftS = Math.ceil((view.idleInMs - (nowMs - cameMs)) / 1000);
  return leftS > WARNED_S ? null : Math.max(0, leftS);
}

/** In which language the page is; the first of the device's while nobody has chosen. */
export const languageOf = (view: KioskView | null): string | null =>
  view?.language ?? view?.languages[0] ?? null;

/** For whoever has chosen none: the device's first language and the next that is another, not a region's variant. */
export function greetingLanguages(languages: readonly string[]): string[] {
  const root = (tag: string | undefined) => tag?.split('-')[0];
  const other = languages.find((tag) => root(tag) !== root(languages[0]));
  return [languages[0], other].filter((tag) => tag !== undefined);
}
