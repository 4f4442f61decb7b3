import { render } from 'preact';
import type { KioskView } from '#agent/ports/kiosk.ts';
import { systemClock } from '#contract/clock.ts';
import { DeviceLine } from './device-line.ts';
import { initialPage, languageOf, type PageState } from './page-state.ts';
import { Kiosk } from './view/kiosk.tsx';
import { directionOf } from './words.ts';
import './styles/main.css';

const TICK_MS = 250;
const RELOADED_KEY = 'watchpost.reloaded';
/** A page that cannot get the script that it is told of does not try for ever. */
const RELOAD_AT_MOST_EVERY_MS = 60_000;

/** The page's wiring root. */
function main(): void {
  const clock = systemClock;
  const root = document.getElementById('kiosk');
  const number = document.querySelector('meta[name="emergency-number"]')?.getAttribute('content') ?? '';
  let state: PageState = { ...initialPage, emergencyNumber: number };
  let script = '';

  function show(): void {
    const language = languageOf(state.view);
    document.documentElement.lang = language ?? 'en';
    document.documentElement.dir = directionOf(language);
    if (root !== null)
      render(
        <Kiosk state={state} nowMs={clock.monoMs()} choose={(choice) => void line.choose(choice)} />,
        root,
      );
  }

  function onView(view: KioskView): void {
    const isNewScreen = view.step !== state.view?.step || view.answer?.topic !== state.view?.answer?.topic;
    state = { ...state, view, cameMs: clock.monoMs(), line: 'up' };
    show();
    if (isNewScreen) document.querySelector('main')?.scrollTo(0, 0);
    if (view.step === 'idle' && view.alarm === null) renew(script);
  }

  const line = new DeviceLine({
    fetch: window.fetch.bind(window),
    clock,
    token: new URLSearchParams(location.hash.slice(1)).get('token') ?? '',
    listener: {
      onView,
      onDown: () => {
        state = { ...state, line: 'down' };
        show();
      },
      onPage: (name) => {
        script = name;
      },
    },
  });
  show();
  line.start();
  // The countdown to the beginning.
  clock.every(TICK_MS, show);
  for (const unwanted of ['contextmenu', 'dragstart'])
    window.addEventListener(unwanted, (event) => event.preventDefault());
}

/** After the device was updated, the page that it serves now takes the place of this one, while nobody is there. */
function renew(script: string): void {
  const own = document.querySelector('script[src]')?.getAttribute('src') ?? '';
  if (script === '' || own.endsWith(script)) return;
  const before = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
  if (Date.now() - before < RELOAD_AT_MOST_EVERY_MS) return;
  sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
  location.reload();
}

main();
