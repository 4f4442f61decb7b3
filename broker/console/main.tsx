// Must come first: it sets up the schemas' library before a schema is made.
import './api/validation.ts';
import { render } from 'preact';
import { systemClock } from '#contract/clock.ts';
import { AlarmBell } from './alert/alarm-bell.ts';
import { Tone } from './alert/tone.ts';
import { ApiClient, type Credentials } from './api/client.ts';
import { EventStream } from './api/event-stream.ts';
import { DetailFollower } from './control/detail-follower.ts';
import { DeviceOrders, type Order } from './control/device-orders.ts';
import { FleetDesk } from './control/fleet-desk.ts';
import { IncidentDesk } from './control/incident-desk.ts';
import { listenToKeys } from './control/key-listener.ts';
import { LiveSite } from './control/live-site.ts';
import { Session, tokenOfHash, withoutToken } from './control/session.ts';
import type { ConsoleEvent } from './state/events.ts';
import { type ConsoleState, initialState } from './state/model.ts';
import { reduce } from './state/reduce.ts';
import { Store } from './state/store.ts';
import { TalkClient } from './talk/talk-client.ts';
import { App } from './view/app.tsx';
import { type Language, loadWords, preferredLanguage, wordsIn } from './words/words.ts';
import './styles/main.css';

const LANGUAGE_KEY = 'watchpost.language';

/** The page's wiring root. */
async function main(): Promise<void> {
  await loadWords();
  const clock = systemClock;
  const language = preferredLanguage(localStorage.getItem(LANGUAGE_KEY), navigator.languages);
  const store = new Store<ConsoleState, ConsoleEvent>(initialState(language, clock.wallMs()), reduce);
  const fetch = window.fetch.bind(window);
  const client = new ApiClient({ fetch, clock });
  const site = new LiveSite({ client, store, clock });
  const follower = new DetailFollower({ client, store });
  const stream = new EventStream({ fetch, clock, listener: site });
  const desk = new IncidentDesk({
    client,
    store,
    refresh: async () => {
      await Promise.all([site.sync(), follower.refresh()]);
    },
  });
  const orders = new DeviceOrders({ client, store });
  const session = new Session({
    client,
    store,
    onOpened: () => site.start(stream),
    onClosed: () => site.close(),
  });
  const talk = new TalkClient({ fetch, clock });
  const tone = new Tone();
  const bell = new AlarmBell({ store, clock, tone, showTitle });
  const unlockSound = async () => {
    if (store.state.sound === 'locked' && (await tone.unlock())) store.dispatch({ type: 'sound-unlocked' });
  };

  function showTitle(alarms: number, face: 'alarm' | 'plain'): void {
    const { t } = wordsIn(store.state.language);
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const calling = alarms > 0 && (face === 'alarm' || still);
    document.title = calling ? t('alarm.title', { count: alarms }) : t('app.title');
    document.documentElement.toggleAttribute('data-alarm', alarms > 0);
  }

  function setLanguage(chosen: Language): void {
    localStorage.setItem(LANGUAGE_KEY, chosen);
    store.dispatch({ type: 'language', language: chosen });
    document.documentElement.lang = chosen;
    showTitle(store.state.ringing.size, 'alarm');
  }

  const commands = {
    openSession: (credentials: Credentials) => void session.open(credentials),
    closeSession: () => void session.close(),
    speak: (device: string, wav: Blob) => talk.speak(device, wav),
    begin: desk.begin.bind(desk),
    send: desk.send.bind(desk),
    order: (device: string, order: Order) => void orders.give(device, order),
    fleet: new FleetDesk(client),
    setLanguage,
    unlockSound: () => void unlockSound(),
    siteMap: client,
  };
  document.documentElement.lang = language;
  listenToKeys(window, store, commands);
  // Whatever is clicked or typed first gives the page its voice.
  for (const gesture of ['pointerdown', 'keydown'])
    window.addEventListener(gesture, () => void unlockSound());
  follower.start();
  bell.start();
  const root = document.getElementById('console');
  if (root !== null) render(<App store={store} commands={commands} clock={clock} />, root);
  const token = tokenOfHash(location.hash);
  // The token must not stay in the address bar, the history or a bookmark.
  if (token !== null) history.replaceState(null, '', `${location.pathname}${withoutToken(location.hash)}`);
  await session.start(token);
}

await main();
