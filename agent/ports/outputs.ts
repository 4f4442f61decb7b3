/** What the lamp shows. Each is a pattern of its own so that a glance tells them apart (docs/panic.md). */
export const LAMP_PATTERNS = [
  'idle',
  'pressed',
  'unstored',
  'waiting',
  'sent',
  'received',
  'acknowledged',
  'attending',
  'closed',
  'test',
  'bypassed',
  'stopped',
] as const;
export type LampPattern = (typeof LAMP_PATTERNS)[number];

export interface Lamp {
  readonly name: string;
  start(): Promise<void>;
  show(pattern: LampPattern): void;
  close(): Promise<void>;
}

export interface Siren {
  readonly name: string;
  start(): Promise<void>;
  set(on: 'on' | 'off'): void;
  close(): Promise<void>;
}
