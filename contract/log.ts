/** What the parts need of a logger; pino's fits. Event name first, ids as fields, never secrets or pictures. */
export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
  child(fields: object): Log;
}
