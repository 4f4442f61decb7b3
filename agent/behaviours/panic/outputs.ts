import type { LampPattern } from '../../ports/outputs.ts';
import {
  type BootMs,
  type PanicEffect,
  type PanicRules,
  type PanicState,
  type Prompt,
  phaseOf,
} from './state.ts';

/** What lamp, siren and voice are to do in a state. Derived anew each time, so that they cannot disagree with it. */
export interface Shown {
  readonly lamp: LampPattern;
  readonly siren: boolean;
  readonly prompt: Prompt | null;
}

export function outputsOf(rules: PanicRules, state: PanicState, nowMs: BootMs): Shown {
  return {
    lamp: lampOf(rules, state, nowMs),
    siren: state.siren !== null,
    prompt: promptOf(rules, state, nowMs),
  };
}

/** The effects that lead from what is shown to what is to be shown. */
export function expressed(rules: PanicRules, from: PanicState['shown'], to: Shown): PanicEffect[] {
  const effects: PanicEffect[] = [];
  if (from.lamp !== to.lamp) effects.push({ kind: 'lamp', pattern: to.lamp });
  if (from.siren !== to.siren) effects.push({ kind: 'siren', set: to.siren ? 'on' : 'off' });
  if (to.prompt === null && from.prompt !== null) effects.push({ kind: 'hush', priority: 'alarm' });
  if (to.prompt !== null && !samePrompt(from.prompt, to.prompt)) effects.push(say(rules, to.prompt));
  return effects;
}

/** When the outputs of an unchanged state change by time alone, or null when they have. */
export function outputDeadline(rules: PanicRules, state: PanicState): BootMs | null {
  const { call, shown } = state;
  if (call === null) return null;
  const phase = phaseOf(state);
  if (phase === 'stored' && shown.lamp === 'pressed') return call.pressedMs + rules.graceMs;
  if (phase === 'sent' && shown.prompt?.key !== 'alarm.sent') return call.changedMs + rules.sentAfterMs;
  return null;
}

function lampOf(rules: PanicRules, state: PanicState, nowMs: BootMs): LampPattern {
  const phase = phaseOf(state);
  if (phase === 'idle') return restingLamp(state);
  if (phase === 'stored') return isWaiting(rules, state, nowMs) ? 'waiting' : 'pressed';
  return phase;
}

/** Out of service only where no button is left: the lamp of a device must not turn people away from one that works. */
function restingLamp({ test, contacts, bypassed }: PanicState): LampPattern {
  if (test !== null) return 'test';
  const buttons = Object.entries(contacts).filter(([, { kind }]) => kind === 'button');
  const isOut = buttons.length > 0 && buttons.every(([name]) => bypassed.includes(name));
  return isOut ? 'bypassed' : 'idle';
}

function promptOf(rules: PanicRules, state: PanicState, nowMs: BootMs): Prompt | null {
  const about = state.call?.newestId ?? null;
  const phase = phaseOf(state);
  switch (phase) {
    case 'idle':
      return null;
    case 'pressed':
      return state.shown.prompt;
    case 'stored':
      if (isWaiting(rules, state, nowMs)) return { key: 'alarm.stored', repeat: 'repeating', about };
      return { key: 'alarm.pressed', repeat: 'once', about };
    case 'sent':
      if (isFresh(rules, state, nowMs) && state.shown.prompt?.key === 'alarm.pressed')
        return state.shown.prompt;
      return { key: 'alarm.sent', repeat: 'repeating', about };
    case 'closed':
      return { key: 'alarm.closed', repeat: 'once', about };
    default:
      return { key: `alarm.${phase}`, repeat: 'repeating', about };
  }
}

/** On disk and not on its way: there is no link, or it does not answer. */
function isWaiting(rules: PanicRules, state: PanicState, nowMs: BootMs): boolean {
  return !state.linkUp || nowMs >= (state.call?.pressedMs ?? 0) + rules.graceMs;
}

/** Confirmed only just now: "received" may follow before a word is out. */
function isFresh(rules: PanicRules, { call }: PanicState, nowMs: BootMs): boolean {
  return call !== null && nowMs < call.changedMs + rules.sentAfterMs;
}

function say(rules: PanicRules, prompt: Prompt): PanicEffect {
  const repeatEveryMs = prompt.repeat === 'repeating' ? rules.repeatEveryMs : null;
  return { kind: 'say', key: prompt.key, priority: 'alarm', repeatEveryMs };
}

const samePrompt = (a: Prompt | null, b: Prompt): boolean => a?.key === b.key && a.about === b.about;
