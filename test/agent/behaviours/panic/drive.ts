import { panicDeadline, panicMachine } from '#agent/behaviours/panic/machine.ts';
import { panicRules } from '#agent/behaviours/panic/rules.ts';
import {
  initialState,
  type PanicEffect,
  type PanicInput,
  type PanicPhase,
  type PanicState,
  phaseOf,
} from '#agent/behaviours/panic/state.ts';
import type { InputKind } from '#agent/ports/inputs.ts';
import type { IncidentState } from '#contract/messages.ts';

export const RULES = panicRules({ stuckAfterS: 30, siren: true, sirenMaxS: 60, repeatEveryS: 20 }, true);

/** Feeds the pure machine as a runner would: answers records at once, and lets time pass from deadline to deadline. */
export class MachineDrive {
  readonly effects: PanicEffect[] = [];
  state: PanicState;
  nowMs = 10_000;
  journal: 'stores' | 'cannot-store' | 'throws' = 'stores';
  readonly rows: { id: string; type: string; input: string; edges: number; atMs: number; stored: boolean }[] =
    [];
  readonly #step = panicMachine(RULES);

  constructor(kinds: Record<string, InputKind> = { button: 'button' }, link: 'up' | 'down' = 'up') {
    this.state = initialState(kinds);
    this.give({ kind: 'started' });
    for (const input of Object.keys(kinds)) this.give({ kind: 'level', input, active: false });
    this.give({ kind: 'link', state: link });
    this.effects.length = 0;
  }

  get phase(): PanicPhase {
    return phaseOf(this.state);
  }

  give(input: PanicInput): readonly PanicEffect[] {
    const [state, effects] = this.#step(this.state, input, this.nowMs);
    const isOpen = this.state.call !== null && this.state.call.firstId !== null && this.phase !== 'closed';
    if (isOpen && effects.some(opensCall)) throw new RangeError('a second call was opened beside the first');
    this.state = state;
    this.effects.push(...effects);
    for (const effect of effects) if (effect.kind === 'recordAlarm') this.#record(effect);
    return effects;
  }

  edge(active: boolean, input = 'button', edges = 1): void {
    this.give({ kind: 'edge', input, edge: { active, atMonoMs: this.nowMs, edges } });
  }

  press(input = 'button'): string {
    this.edge(true, input);
    return this.rows.at(-1)?.id ?? '';
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let at = panicDeadline(RULES, this.state); at !== null && at <= endMs; ) {
      this.nowMs = Math.max(this.nowMs, at);
      this.give({ kind: 'tick' });
      const next = panicDeadline(RULES, this.state);
      if (next !== null && next <= at) throw new RangeError(`a tick at ${at} left the deadline at ${next}`);
      at = next;
    }
    this.nowMs = endMs;
  }

  notice(state: IncidentState, rev: number, alarmIds = [this.state.call?.newestId ?? '']): void {
    this.give({ kind: 'notice', notice: { incidentId: 'incident-1', alarmIds, state, rev } });
  }

  /** Keys said since the last call. */
  takeSaid(): string[] {
    return this.effects.splice(0).flatMap((effect) => (effect.kind === 'say' ? [effect.key] : []));
  }

  #record({ input, alarm }: Extract<PanicEffect, { kind: 'recordAlarm' }>): void {
    if (this.journal === 'throws') {
      this.give({ kind: 'unrecorded', input, alarm });
      return;
    }
    const id = `alarm-${this.rows.length + 1}`;
    const stored = this.journal === 'stores';
    this.rows.push({ id, type: alarm.type, input, edges: alarm.edges, atMs: this.nowMs, stored });
    this.give({ kind: 'recorded', input, alarm, id, stored });
  }
}

const opensCall = (effect: PanicEffect): boolean =>
  effect.kind === 'recordAlarm' && effect.alarm.type === 'wp.panic.pressed.v1';
