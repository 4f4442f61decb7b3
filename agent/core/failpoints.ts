/** Every point of journal, outbox and link where the fault suite kills the process. */
export const FAILPOINTS = [
  'journal.alarm.before-commit',
  'journal.alarm.after-commit',
  'journal.event.before-commit',
  'journal.event.after-commit',
  'journal.receipt.before-apply',
  'journal.receipt.after-apply',
  'journal.delete.before-commit',
  'journal.delete.after-commit',
  'journal.epoch.before-commit',
  'journal.epoch.after-commit',
  'outbox.before-publish',
  'outbox.after-publish',
  'outbox.after-puback',
  'link.connected',
  'link.subscribed',
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];
