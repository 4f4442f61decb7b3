import type { AlarmStore } from './alarm-store.ts';
import type { Envelopes } from './envelopes.ts';
import type { EventStore } from './event-store.ts';
import type { ClosedRange, LaneBook } from './lane-book.ts';

export interface Declarants {
  readonly alarms: AlarmStore;
  readonly events: EventStore;
}

/**
 * Tells the site about new epochs and closed ranges, as events. What is told and that it was told commit together;
 * for alarms, whose file is another, a crash in between tells it twice, which changes nothing at the site.
 */
export function declareAll({ alarms, events }: Declarants, envelopes: Envelopes): void {
  const books = [alarms.book, events.event.book, events.telemetry.book];
  if (!books.some(({ hasNews }) => hasNews)) return;
  // What is closed but not yet committed would otherwise be extended after it was told.
  if (!events.flush()) return;
  const alarmJobs: Job[] = [];
  declare(alarms.book, events, envelopes, alarmJobs);
  for (const lane of ['event', 'telemetry'] as const) {
    const jobs: Job[] = [];
    declare(events.table(lane).book, events, envelopes, jobs);
    for (const job of jobs) events.defer(job);
  }
  if (!events.flush()) return;
  for (const job of alarmJobs) job();
  for (const book of books) book.hasNews = false;
}

type Job = () => void;

/** Adds the events that tell, and to `jobs` what notes that they were told. */
function declare(book: LaneBook, events: EventStore, envelopes: Envelopes, jobs: Job[]): void {
  declareEpoch(book, events, envelopes, jobs);
  for (const range of book.undeclaredRanges()) {
    events.append('event', envelopes.draft('event', 'wp.lane.dropped.v1', droppedData(book, range)));
    jobs.push(() => book.markDeclared(range));
  }
}

function declareEpoch(book: LaneBook, events: EventStore, envelopes: Envelopes, jobs: Job[]): void {
  const { lane, undeclared } = book;
  if (undeclared === null) return;
  events.append('event', envelopes.draft('event', 'wp.journal.created.v1', { lane, ...undeclared }));
  jobs.push(() => {
    book.undeclared = null;
    book.save();
  });
}

function droppedData({ lane }: LaneBook, { epoch, first, last, reason }: ClosedRange) {
  return { epoch, lane, from: first, to: last, reason };
}
