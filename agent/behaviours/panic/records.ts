import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { Pose } from '../../ports/base.ts';
import type { EventRecorder, RecordedAlarm } from '../../ports/events.ts';
import type { AlarmDraft, EventDraft, PanicInput, RecordEffect } from './state.ts';

/** An alarm of a contact, as it stands in the journal (or, when not stored, only in memory). */
export interface AlarmTold extends RecordedAlarm {
  readonly input: string;
  readonly type: AlarmDraft['type'];
}

interface Parts {
  readonly recorder: EventRecorder;
  readonly place: Place;
  readonly pose?: () => Pose;
  readonly log: Log;
}

/** Writes what the machine wants recorded, and keeps the journal's answers until the machine takes them. */
export class PanicRecords {
  readonly #parts: Parts;
  readonly answers: PanicInput[] = [];
  readonly told: AlarmTold[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  alarm({ input, alarm }: Extract<RecordEffect, { kind: 'recordAlarm' }>): void {
    try {
      const { id, stored } = this.#record(input, alarm);
      this.answers.push({ kind: 'recorded', input, alarm, id, stored });
      this.told.push({ input, type: alarm.type, id, stored });
    } catch (cause) {
      this.answers.push({ kind: 'unrecorded', input, alarm });
      this.#parts.log.error({ input, type: alarm.type, err: cause }, 'panic.alarm-not-recorded');
    }
  }

  event({ input, event }: Extract<RecordEffect, { kind: 'recordEvent' }>): void {
    try {
      this.#recordEvent(input, event);
    } catch (cause) {
      this.#parts.log.error({ input, type: event.type, err: cause }, 'panic.event-not-recorded');
    }
  }

  #record(input: string, alarm: AlarmDraft): RecordedAlarm {
    const { recorder } = this.#parts;
    const where = { input, place: this.#place() };
    switch (alarm.type) {
      case 'wp.panic.pressed.v1':
        return recorder.recordAlarm(alarm.type, { ...where, cause: alarm.cause, edges: alarm.edges });
      case 'wp.panic.repressed.v1': {
        const { cause, edges, pressId } = alarm;
        return recorder.recordAlarm(alarm.type, { ...where, cause, edges, pressId });
      }
      case 'wp.duress.signalled.v1':
      case 'wp.tamper.opened.v1':
        return recorder.recordAlarm(alarm.type, { ...where, cause: alarm.cause });
    }
  }

  #recordEvent(input: string, event: EventDraft): void {
    const { recorder } = this.#parts;
    const where = { input, place: this.#place() };
    switch (event.type) {
      case 'wp.panic.released.v1':
        recorder.recordEvent(event.type, { ...where, pressId: event.pressId, heldMs: event.heldMs });
        return;
      case 'wp.tamper.closed.v1':
        recorder.recordEvent(event.type, { ...where, cause: event.cause });
        return;
      case 'wp.health.changed.v1': {
        const { type, ...data } = event;
        recorder.recordEvent(type, data);
        return;
      }
    }
  }

  #place(): Place {
    const { place, pose, log } = this.#parts;
    if (pose === undefined) return place;
    try {
      return { ...place, pose: { ...pose() } };
    } catch (cause) {
      log.warn({ err: cause }, 'panic.pose-unknown');
      return place;
    }
  }
}
