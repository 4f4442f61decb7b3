import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Clock, WallMs } from '#contract/clock.ts';
import type { IncidentAction, IncidentActionBody } from '#contract/http.ts';
import type { Credentials } from '../api/client.ts';
import type { Order } from '../control/device-orders.ts';
import type { FleetDesk } from '../control/fleet-desk.ts';
import type { SiteMapReader } from '../map/site-map-reader.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { TalkOutcome } from '../talk/talk-client.ts';
import type { Language, Words } from '../words/words.ts';

/** What the views may set going. */
export interface Commands {
  openSession(credentials: Credentials): void;
  closeSession(): void;
  /** Through a device; resolves with what became of it. */
  speak(device: string, wav: Blob): Promise<TalkOutcome>;
  begin(action: IncidentAction): void;
  send(action: IncidentAction, words: Omit<IncidentActionBody, 'note'>): void;
  order(device: string, order: Order): void;
  /** What devices run and what they were given. */
  readonly fleet: FleetDesk;
  setLanguage(language: Language): void;
  unlockSound(): void;
  readonly siteMap: SiteMapReader;
}

export interface ConsoleParts {
  readonly state: ConsoleState;
  readonly words: Words;
  readonly clock: Clock;
  readonly commands: Commands;
  readonly dispatch: (event: ConsoleEvent) => void;
}

export const ConsoleContext = createContext<ConsoleParts | null>(null);

/** State, texts and commands, in any view below the app. */
export function useConsole(): ConsoleParts {
  const parts = useContext(ConsoleContext);
  if (parts === null) throw new ReferenceError('a view stands outside the console');
  return parts;
}

/** The site's wall clock, told anew every second. */
export function useSiteNow(): WallMs {
  const { clock, state } = useConsole();
  const [nowMs, setNowMs] = useState(clock.wallMs());
  useEffect(() => clock.every(1000, () => setNowMs(clock.wallMs())), [clock]);
  return Math.max(nowMs, clock.wallMs()) + state.skewMs;
}
