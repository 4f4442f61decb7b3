/**
 * Loaded before a program (`node --import`): its clock then says what FIELD_ERRORS_CLOCK_MS says, and goes on from there.
 * The machine's own cannot be set: other programs run here.
 */
const offsetMs = Number(process.env.FIELD_ERRORS_CLOCK_MS) - Date.now();
const OwnDate = Date;

globalThis.Date = new Proxy(OwnDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [OwnDate.now() + offsetMs] : args, newTarget),
  get: (target, key, receiver) =>
    key === 'now' ? () => OwnDate.now() + offsetMs : Reflect.get(target, key, receiver),
});

export {};
